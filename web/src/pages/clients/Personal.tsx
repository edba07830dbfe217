// What the law lets a client ask for: all that is stored about him, and its erasure. Only for those with the right to it.
import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconDownload } from '@tabler/icons-react';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import { call, callFile, newKey } from '../../api/client';
import { useAct } from '../../api/hooks';
import { useMay } from '../../app/session';
import { addWords, useSpeech } from '../../i18n';
import { launch } from '../../i18n/words/launch';
import { Ask, Say } from '../../ui/Ask';
import { Problem, Section } from '../../ui/Page';
import { saveAs } from '../../ui/saveAs';

addWords(launch);

export function Personal({ client }: { client: string }) {
  const { t } = useSpeech();
  const may = useMay();
  const go = useNavigate();
  const [asked, setAsked] = useState(false);
  const take = useAct(async () => saveAs((await callFile('get', '/clients/{client}/export', { path: { client } })).blob, `client-${client}.json`));
  const erase = useAct(async () => {
    await call('post', '/clients/{client}/erase', { path: { client }, body: { client }, key: newKey() });
    notifications.show({ message: t('personal.erased'), color: 'green' });
    void go('/clients');
  });
  if (!may('clients.privacy')) return null;
  return (
    <Section title={t('personal.title')}>
      <Text size="sm" c="dimmed" mb="xs">{t('personal.text')}</Text>
      {take.error ? <Problem error={take.error} /> : null}
      <Group gap="xs">
        <Button size="xs" variant="default" leftSection={<IconDownload size={14} aria-hidden />} loading={take.isPending} onClick={() => take.mutate(undefined)}>{t('personal.export')}</Button>
        <Button size="xs" variant="light" color="red" onClick={() => setAsked(true)}>{t('personal.erase')}</Button>
      </Group>
      <Ask opened={asked} close={() => setAsked(false)} title={t('personal.eraseTitle')} action={t('personal.erase')} color="red" typed={client} act={() => erase.mutateAsync(undefined)}>
        <Say>{t('personal.eraseText')}</Say>
      </Ask>
    </Section>
  );
}
