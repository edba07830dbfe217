// The call desk: the next client who may be called now, what to say, and how it ended.
import { Anchor, Badge, Button, Card, Group, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { Link } from 'react-router';
import { call, type Schemas } from '../api/client';
import { useAct, useAsk } from '../api/hooks';
import { useSession } from '../app/session';
import { useSpeech } from '../i18n';
import { DataTable } from '../ui/DataTable';
import { useFilter } from '../ui/filter';
import { When } from '../ui/Marks';
import { Empty, Page, Problem, Section } from '../ui/Page';

type Task = Schemas['CallTask'];
type Disposition = Schemas['CallResult']['disposition'];
const SHOWN_MAX = 200; // the server gives no more at once
const DISPOSITIONS: Disposition[] = ['interested', 'refused', 'informed', 'call_back', 'no_answer', 'wrong_number', 'do_not_call'];

function Call({ task, closed }: { task: Task; closed: () => void }) {
  const { t, code } = useSpeech();
  const [disposition, setDisposition] = useState<Disposition | null>(null);
  const [note, setNote] = useState('');
  const [back, setBack] = useState('');
  const close = useAct(async () => {
    const at = disposition === 'call_back' && back ? { call_back_at: new Date(back).toISOString() } : {};
    await call('post', '/calls/{id}/close', { path: { id: task.id }, body: { disposition: disposition!, ...(note ? { note } : {}), ...at } });
    notifications.show({ message: t('calls.recorded'), color: 'green' });
    closed();
  });
  return (
    <Card withBorder padding="md" component="section" aria-label={t('calls.now')}>
      <Stack component="form" gap="sm" onSubmit={(event) => { event.preventDefault(); close.mutate(undefined); }}>
        <Group justify="space-between">
          <Text fw={600} size="lg"><Anchor component={Link} to={`/clients/${encodeURIComponent(task.client)}`}>{task.name || task.client}</Anchor> · {task.number}</Text>
          {task.time_zone && <Badge variant="light" tt="none">{task.time_zone}</Badge>}
        </Group>
        <Text size="sm" style={{ whiteSpace: 'pre-wrap' }}>{task.script}</Text>
        <Select label={t('calls.how')} size="xs" maw={320} required value={disposition} data={DISPOSITIONS.map((value) => ({ value, label: code('disposition', value) }))} onChange={(value) => setDisposition(value as Disposition | null)} />
        {disposition === 'call_back' && <TextInput type="datetime-local" label={t('calls.when')} size="xs" maw={320} required value={back} onChange={(event) => setBack(event.currentTarget.value)} />}
        <Textarea label={t('calls.note')} size="xs" maxLength={500} autosize minRows={2} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
        {close.error ? <Problem error={close.error} /> : null}
        <Group><Button type="submit" size="xs" disabled={!disposition} loading={close.isPending}>{t('calls.close')}</Button></Group>
      </Stack>
    </Card>
  );
}

export default function Calls() {
  const { t, code } = useSpeech();
  const { session } = useSession();
  const [filter, setFilter] = useFilter(['state']);
  const state = (filter.state || 'open') as Task['state'];
  const tasks = useAsk('/calls', { query: { state, limit: SHOWN_MAX } }, { keep: true });
  const mine = useAsk('/calls', { query: { state: 'claimed', limit: SHOWN_MAX } });
  const inHand = mine.data?.items.find((one) => one.claimed_by === session.user);
  const claim = useAct(async () => {
    const { data } = await call('post', '/calls:claim', { body: {} });
    if (!data.task) notifications.show({ message: t('calls.nobody') });
  });
  return (
    <Page title={t('nav.calls')} actions={!inHand && <Button size="xs" loading={claim.isPending} onClick={() => claim.mutate(undefined)}>{t('calls.next')}</Button>}>
      {claim.error ? <Problem error={claim.error} /> : null}
      {inHand && <Call key={inHand.id} task={inHand} closed={() => void mine.refetch()} />}
      <Section title={t('calls.list')} actions={<Select size="xs" w={160} aria-label={t('common.state')} allowDeselect={false} value={state} data={(['open', 'claimed', 'closed'] as const).map((value) => ({ value, label: code('call', value) }))} onChange={(value) => setFilter({ state: value ?? '' })} />}>
        <DataTable label={t('calls.list')} rows={tasks.data?.items} error={tasks.error} id={(row) => row.id} empty={<Empty title={t('calls.none')} text={t('calls.noneText')} />}
          columns={[
            { name: 'due', title: t('common.when'), order: (row) => row.due_at, cell: (row) => <When at={row.due_at} /> },
            { name: 'client', title: t('common.client'), order: (row) => row.name, cell: (row) => <Anchor component={Link} size="sm" to={`/clients/${encodeURIComponent(row.client)}`}>{row.name || row.client}</Anchor> },
            { name: 'number', title: t('calls.number'), cell: (row) => row.number },
            { name: 'campaign', title: t('common.campaign'), order: (row) => row.campaign, cell: (row) => row.campaign },
            { name: 'manager', title: t('client.manager'), order: (row) => row.manager ?? '', cell: (row) => row.claimed_by || row.manager },
            { name: 'result', title: t('calls.how'), cell: (row) => row.disposition && code('disposition', row.disposition) },
          ]} />
        {tasks.data?.items.length === SHOWN_MAX && <Text size="sm" c="dimmed" mt="xs">{t('calls.first', { n: SHOWN_MAX })}</Text>}
      </Section>
    </Page>
  );
}
