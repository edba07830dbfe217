// A test message to one's own addresses: marked as such, made with the values chosen in the preview, in no report.
import { Badge, Box, Button, Group, Modal, Stack, Table, TagsInput, Text } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useState } from 'react';
import { call, newKey, type Schemas } from '../../api/client';
import { addWords, useSpeech } from '../../i18n';
import { useOwnPlace } from '../../app/session';
import { blocks } from '../../i18n/words/blocks';
import { Problem } from '../../ui/Page';
import { Rendered } from '../../ui/Rendered';
import { usePreview } from './use-preview';

addWords(blocks);

interface Props {
  what: { template: Schemas['Template'] } | { name: string };
  channel: string;
  locale?: string;
  client?: string;
  disabled?: boolean;
}

const COLOUR = { accepted: 'green', deferred: 'yellow', rejected: 'red', uncertain: 'orange' } as const;
const ADDRESSES_MAX = 5;

export function TestSend({ disabled, ...props }: Props) {
  const { t } = useSpeech();
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button size="xs" variant="default" disabled={disabled} leftSection={<IconSend size={14} aria-hidden />} onClick={() => setOpened(true)}>{t('test.send')}</Button>
      <Modal opened={opened} onClose={() => setOpened(false)} size="lg" title={t('test.title')} closeButtonProps={{ 'aria-label': t('common.close') }}>
        {opened && <Form {...props} />}
      </Modal>
    </>
  );
}

function Form({ what, channel, locale, client }: Props) {
  const { t, code } = useSpeech();
  const place = useOwnPlace(`test.${channel}`);
  const [to, setTo] = useState<string[]>(() => JSON.parse(localStorage.getItem(place) ?? '[]') as string[]);
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [answer, setAnswer] = useState<Schemas['TestAnswer']>();
  const { preview } = usePreview(what, locale, client ?? '', true);
  const all = [...to, ...(typed.trim() ? [typed.trim()] : [])];
  const send = async () => {
    setBusy(true);
    setError(undefined);
    setAnswer(undefined);
    try {
      const body = { ...what, to: all, ...(locale ? { locale } : {}), ...(client ? { client } : {}) };
      setAnswer((await call('post', '/templates:test', { body, key: newKey() })).data);
      localStorage.setItem(place, JSON.stringify(all));
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Stack component="form" gap="sm" onSubmit={(event) => { event.preventDefault(); event.stopPropagation(); void send(); }}>
      <Text size="sm">{t('test.text')}</Text>
      <TagsInput size="xs" label={t('test.to')} description={code('test.toHint', channel)} maxTags={ADDRESSES_MAX} value={to} onChange={setTo} searchValue={typed} onSearchChange={setTyped} data-autofocus
        splitChars={channel === 'letter' ? ['\n'] : [',', ';', ' ']} />
      <Text size="sm" c="dimmed">{t('test.as')} {client || t('test.samples')}{locale && ` · ${locale}`}</Text>
      {preview.data && (
        <Box data-testid="test-preview" component="section" aria-label={t('rendered.mail')}><Rendered shown={preview.data} height={260} again={() => preview.refetch()} /></Box>
      )}
      {error ? <Problem error={error} /> : null}
      {answer && (
        <Table fz="sm" aria-label={t('test.outcomes')}>
          <Table.Tbody>
            {answer.items.map((one) => (
              <Table.Tr key={one.to}><Table.Td>{one.to}</Table.Td><Table.Td><Badge variant="light" color={COLOUR[one.outcome]}>{t(`test.outcome.${one.outcome}`)}</Badge></Table.Td><Table.Td>{one.detail}</Table.Td></Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      <Group justify="flex-end"><Button size="xs" type="submit" loading={busy} disabled={all.length === 0}>{t(answer ? 'test.again' : 'test.send')}</Button></Group>
    </Stack>
  );
}
