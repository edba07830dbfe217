// How it goes, asked for every two seconds, channel by channel; each number opens its messages. The tab's title says how
// far it is; at the end the page says so once, and the browser, too, where that was wanted.
import { Alert, Anchor, Button, Card, Group, Progress as Bar, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconBell } from '@tabler/icons-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Link } from 'react-router';
import type { Schemas } from '../../api/client';
import { useAsk } from '../../api/hooks';
import { useFormat } from '../../format';
import { addWords, useSpeech } from '../../i18n';
import { launch } from '../../i18n/words/launch';
import { DataTable } from '../../ui/DataTable';
import { Figure, MessageState } from '../../ui/Marks';
import { Asked, Empty, Section } from '../../ui/Page';

addWords(launch);

const EVERY_MS = 2_000;
const SENT = 'accepted,delivered,bounced,uncertain,closed_unknown';
const OPEN = 'planned,held,queued,leased,submitting,deferred,uncertain';
const FAILED = 'failed,bounced,quarantined,expired';

const percentOf = (data: Schemas['Progress']) => (data.total === 0 ? 0 : Math.floor((100 * (data.total - data.open)) / data.total));

function useTitle(name: string, data: Schemas['Progress'] | undefined) {
  const { t } = useSpeech();
  const percent = data && data.total > 0 ? percentOf(data) : undefined;
  useEffect(() => {
    if (percent === undefined) return;
    const before = document.title;
    document.title = t('progress.title', { percent, title: name });
    return () => { document.title = before; };
  }, [percent, name, t]);
}

function useNoticeOfTheEnd(name: string, data: Schemas['Progress'] | undefined, wanted: boolean) {
  const { t } = useSpeech();
  const before = useRef<boolean>(undefined);
  useEffect(() => {
    if (before.current === false && data?.finished) {
      const message = t('progress.done', { name });
      const counts = t('progress.doneCount', { sent: data.sent, failed: data.failed });
      notifications.show({ title: message, message: counts, color: 'green', autoClose: false });
      if (wanted && 'Notification' in window && Notification.permission === 'granted') new Notification(message, { body: counts, tag: `carillon ${name}` });
    }
    if (data) before.current = data.finished;
  }, [data, name, wanted, t]);
}

export function Progress({ name }: { name: string }) {
  const progress = useAsk('/campaigns/{name}/progress', { path: { name } }, { every: EVERY_MS });
  const [wanted, setWanted] = useState(false);
  useTitle(name, progress.data);
  useNoticeOfTheEnd(name, progress.data, wanted);
  return <Asked query={progress}>{(data) => <Content name={name} data={data} tell={!data.finished && <Tell wanted={wanted} setWanted={setWanted} />} />}</Asked>;
}

// Browsers ask their users for permission only on a click.
function Tell({ wanted, setWanted }: { wanted: boolean; setWanted: (wanted: boolean) => void }) {
  const { t } = useSpeech();
  const [refused, setRefused] = useState(false);
  const ask = async () => {
    const allowed = 'Notification' in window && (await Notification.requestPermission()) === 'granted';
    setWanted(allowed);
    setRefused(!allowed);
  };
  if (wanted) return <Text size="sm" role="status">{t('progress.willTell')}</Text>;
  return (
    <Group gap="xs">
      <Button size="compact-xs" variant="default" leftSection={<IconBell size={14} aria-hidden />} onClick={() => void ask()}>{t('progress.tell')}</Button>
      {refused && <Text size="sm" role="status">{t('progress.mayNotTell')}</Text>}
    </Group>
  );
}

function ByChannel({ name, data }: { name: string; data: Schemas['Progress'] }) {
  const { t, code } = useSpeech();
  const format = useFormat();
  const list = (channel: string, state: string) => `/outbox?campaign=${encodeURIComponent(name)}&channel=${channel}&state=${state}`;
  const number = (channel: string, value: number, states: string) => (value > 0 ? <Anchor component={Link} size="sm" underline="always" to={list(channel, states)}>{format.number(value)}</Anchor> : format.number(0));
  return (
    <DataTable label={t('progress.byChannel')} rows={data.channels} id={(row) => row.channel} columns={[
      { name: 'channel', title: t('common.channel'), order: (row) => row.channel, cell: (row) => code('channel', row.channel) },
      {
        name: 'bar', title: t('common.state'), cell: (row) => {
          const percent = row.total > 0 ? Math.floor((100 * (row.total - row.open)) / row.total) : 0;
          return <Group gap={6} wrap="nowrap"><Bar value={percent} size="sm" w={90} aria-label={t('progress.of', { n: row.total - row.open, of: row.total })} /><Text size="sm" style={{ whiteSpace: 'nowrap' }}>{percent} %</Text></Group>;
        },
      },
      { name: 'sent', title: t('progress.sent'), right: true, order: (row) => row.sent, cell: (row) => number(row.channel, row.sent, SENT) },
      { name: 'failed', title: t('progress.failed'), right: true, order: (row) => row.failed, cell: (row) => number(row.channel, row.failed, FAILED) },
      { name: 'open', title: t('progress.open'), right: true, order: (row) => row.open, cell: (row) => number(row.channel, row.open, OPEN) },
      { name: 'total', title: t('progress.total'), right: true, order: (row) => row.total, cell: (row) => format.number(row.total) },
      { name: 'rate', title: t('progress.speed'), right: true, order: (row) => row.rate_per_minute, cell: (row) => format.number(row.rate_per_minute, 1) },
      { name: 'left', title: t('progress.left'), right: true, cell: (row) => (row.open > 0 && row.seconds_left != null ? format.duration(row.seconds_left) : '—') },
    ]} />
  );
}

function Content({ name, data, tell }: { name: string; data: Schemas['Progress']; tell: ReactNode }) {
  const { t } = useSpeech();
  const format = useFormat();
  const list = (state: string) => `/outbox?campaign=${encodeURIComponent(name)}&state=${state}`;
  if (data.total === 0)
    return <Empty title={t('progress.nothing')} text={data.next_due_at ? t('progress.next', { when: format.distance(data.next_due_at, data.counted_at), at: format.time(data.next_due_at) }) : t('progress.nothingText')} />;
  const settled = data.total - data.open;
  const states = Object.entries(data.by_state).filter(([, count]) => count > 0);
  return (
    <Stack>
      {data.finished && <Alert color="green" title={t('progress.finished')} />}
      <Card withBorder padding="md">
        <Bar value={(100 * settled) / data.total} size="lg" aria-label={t('progress.of', { n: settled, of: data.total })} />
        <Text size="sm" mt={6} data-testid="progress">
          {t('progress.of', { n: settled, of: data.total })}
          {data.open > 0 && data.state === 'running' && <> · {t('progress.rate', { n: format.number(data.rate_per_minute, 1) })}</>}
          {data.open > 0 && data.seconds_left != null && <> · {t('common.left', { time: format.duration(data.seconds_left) })}</>}
          {data.next_due_at && <> · {t('progress.next', { when: format.distance(data.next_due_at, data.counted_at), at: format.time(data.next_due_at) })}</>}
        </Text>
        {tell}
      </Card>
      <SimpleGrid cols={{ base: 2, md: 6 }}>
        <Figure label={t('progress.sent')} value={format.number(data.sent)} to={list(SENT)} />
        <Figure label={t('progress.arrived')} value={format.number(data.arrived)} />
        <Figure label={t('progress.open')} value={format.number(data.open)} to={list(OPEN)} />
        <Figure label={t('progress.failed')} value={format.number(data.failed)} to={`/campaigns/${name}/failures`} />
        <Figure label={t('progress.leftOut')} value={format.number(data.left_out)} to={list('skipped')} />
        <Figure label={t('progress.control')} value={format.number(data.control)} to={list('control')} />
      </SimpleGrid>
      {data.channels.length > 0 && <Section title={t('progress.byChannel')}><ByChannel name={name} data={data} /></Section>}
      <Section title={t('progress.byState')}>
        <Table fz="sm" maw={420} aria-label={t('progress.byState')}>
          <Table.Tbody>
            {states.map(([state, count]) => (
              <Table.Tr key={state}><Table.Td><MessageState state={state} /></Table.Td><Table.Td ta="right"><Anchor component={Link} size="sm" underline="always" to={list(state)}>{format.number(count)}</Anchor></Table.Td></Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Section>
    </Stack>
  );
}
