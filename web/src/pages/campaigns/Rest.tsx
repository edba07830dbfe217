// Another text for those who have not been sent one yet: a copy of the campaign without everybody who has had a message of it.
import { Button, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconPencilExclamation } from '@tabler/icons-react';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { call, newKey, type Schemas } from '../../api/client';
import { useAct, useAsk } from '../../api/hooks';
import { addWords, useSpeech } from '../../i18n';
import { launch } from '../../i18n/words/launch';
import { NameDialog } from '../../ui/NameDialog';
import { definitionOf } from './definition';

addWords(launch);

const STATES = ['paused', 'cancelled'];
const NAME_MAX = 64;

export function Rest({ campaign }: { campaign: Schemas['Campaign'] }) {
  const { t } = useSpeech();
  const go = useNavigate();
  const [opened, setOpened] = useState(false);
  const { name } = campaign;
  const segment = `had-${name}`.slice(0, NAME_MAX);
  const copy = useAct(async (copied: string) => {
    const rule = { received: { campaign: name } };
    await call('put', '/segments/{name}', { path: { name: segment }, body: { name: segment, title: t('rest.segment', { name }), rule } as unknown as Schemas['Segment'], etag: '' })
      .catch(async (error: unknown) => {
        // It is there from the last time, or somebody else's: then the server says so with the copy.
        const { data } = await call('get', '/segments/{name}', { path: { name: segment } }).catch(() => { throw error; });
        if (JSON.stringify(data.content.rule) !== JSON.stringify(rule)) throw error;
      });
    const made = (await call('post', '/campaigns/{name}/duplicate', { path: { name }, body: { name: copied }, key: newKey() })).data;
    const { data, etag } = await call('get', '/campaigns/{name}', { path: { name: made.name } });
    const definition = definitionOf(data.definition);
    await call('put', '/campaigns/{name}', { path: { name: made.name }, body: { ...definition, exclude: [...new Set([...(definition.exclude ?? []), segment])] }, etag });
    notifications.show({ message: t('rest.made'), color: 'green' });
    void go(`/campaigns/${made.name}/edit?step=message`);
  });
  if (!STATES.includes(campaign.state)) return null;
  return (
    <>
      <Button variant="default" size="xs" leftSection={<IconPencilExclamation size={14} aria-hidden />} onClick={() => setOpened(true)}>{t('rest.open')}</Button>
      <NameDialog opened={opened} close={() => setOpened(false)} title={t('rest.title')} label={t('common.newName')} action={t('rest.open')} suggestion={`${name}-rest`.slice(0, NAME_MAX)}
        act={async (copied) => { await copy.mutateAsync(copied); }}>
        <Before campaign={campaign} segment={segment} />
      </NameDialog>
    </>
  );
}

function Before({ campaign, segment }: { campaign: Schemas['Campaign']; segment: string }) {
  const { t } = useSpeech();
  const progress = useAsk('/campaigns/{name}/progress', { path: { name: campaign.name } }).data;
  // Handed over without an answer: they may have the first text, and count as not having it.
  const doubted = (progress?.by_state.uncertain ?? 0) + (progress?.by_state.closed_unknown ?? 0);
  return (
    <>
      <Text size="sm">{t('rest.text', { sent: progress?.sent ?? 0, open: (progress?.open ?? 0) + (progress?.by_state.cancelled ?? 0) })}</Text>
      <Text size="sm">{t('rest.what', { segment })}</Text>
      {doubted > 0 && <Text size="sm" fw={600}>{t('rest.doubt', { count: doubted })}</Text>}
      {campaign.state === 'paused' && <Text size="sm" fw={600}>{t('rest.stop')}</Text>}
    </>
  );
}
