// How it goes, asked for every two seconds; each number opens its messages. Says so once when the end is reached.
import { Alert, Card, Progress as Bar, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useEffect, useRef } from 'react';
import { Link } from 'react-router';
import type { Schemas } from '../../api/client';
import { useAsk } from '../../api/hooks';
import { useFormat } from '../../format';
import { useSpeech } from '../../i18n';
import { Figure, MessageState } from '../../ui/Marks';
import { Asked, Empty, Section } from '../../ui/Page';

const EVERY_MS = 2_000;

function useNoticeOfTheEnd(name: string, finished: boolean | undefined) {
  const { t } = useSpeech();
  const before = useRef<boolean>(undefined);
  useEffect(() => {
    if (before.current === false && finished) notifications.show({ message: t('progress.done', { name }), color: 'green', autoClose: false });
    before.current = finished;
  }, [finished, name, t]);
}

export function Progress({ name }: { name: string }) {
  const progress = useAsk('/campaigns/{name}/progress', { path: { name } }, { every: EVERY_MS });
  useNoticeOfTheEnd(name, progress.data?.finished);
  return <Asked query={progress}>{(data) => <Content name={name} data={data} />}</Asked>;
}

function Content({ name, data }: { name: string; data: Schemas['Progress'] }) {
  const { t, code } = useSpeech();
  const format = useFormat();
  const list = (state: string) => `/outbox?campaign=${encodeURIComponent(name)}&state=${state}`;
  if (data.total === 0)
    return <Empty title={t('progress.nothing')} text={data.next_due_at ? t('progress.next', { when: format.distance(data.next_due_at), at: format.time(data.next_due_at) }) : t('progress.nothingText')} />;
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
          {data.next_due_at && <> · {t('progress.next', { when: format.distance(data.next_due_at), at: format.time(data.next_due_at) })}</>}
        </Text>
      </Card>
      <SimpleGrid cols={{ base: 2, md: 6 }}>
        <Figure label={t('progress.sent')} value={format.number(data.sent)} to={list('accepted,delivered,bounced')} />
        <Figure label={t('progress.arrived')} value={format.number(data.arrived)} />
        <Figure label={t('progress.open')} value={format.number(data.open)} to={list('planned,held,queued,leased,submitting,deferred,uncertain')} />
        <Figure label={t('progress.failed')} value={format.number(data.failed)} to={`/campaigns/${name}/failures`} />
        <Figure label={t('progress.leftOut')} value={format.number(data.left_out)} to={list('skipped')} />
        <Figure label={t('progress.control')} value={format.number(data.control)} to={list('control')} />
      </SimpleGrid>
      <Section title={t('progress.byState')}>
        <Table fz="sm" maw={420} aria-label={t('progress.byState')}>
          <Table.Tbody>
            {states.map(([state, count]) => (
              <Table.Tr key={state}><Table.Td><MessageState state={state} /></Table.Td><Table.Td ta="right"><Link to={list(state)}>{format.number(count)}</Link></Table.Td></Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Section>
      <Section title={t('progress.byChannel')}>
        <Table fz="sm" maw={560} aria-label={t('progress.byChannel')}>
          <Table.Tbody>
            {Object.entries(data.by_channel).map(([channel, counts]) => (
              <Table.Tr key={channel}>
                <Table.Td>{code('channel', channel)}</Table.Td>
                <Table.Td>{Object.entries(counts).filter(([, n]) => n > 0).map(([state, n]) => `${code('message', state)}: ${format.number(n)}`).join(' · ')}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Section>
    </Stack>
  );
}
