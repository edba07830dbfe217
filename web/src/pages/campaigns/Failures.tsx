// Why messages did not go: each reason in words, with the messages themselves.
import { Anchor, Group, List, Text } from '@mantine/core';
import { Link } from 'react-router';
import { useAsk } from '../../api/hooks';
import { useFormat } from '../../format';
import { addWords, useSpeech } from '../../i18n';
import { launch } from '../../i18n/words/launch';
import { DataTable } from '../../ui/DataTable';
import { MessageState } from '../../ui/Marks';
import { Empty } from '../../ui/Page';

addWords(launch);

export function Failures({ name }: { name: string }) {
  const { t, code } = useSpeech();
  const format = useFormat();
  const failures = useAsk('/campaigns/{name}/failures', { path: { name } }, { every: 5_000 });
  return (
    <DataTable label={t('campaign.failures')} rows={failures.data?.items} error={failures.error} id={(row) => `${row.state} ${row.channel} ${row.reason}`}
      empty={<Empty title={t('failures.none')} text={t('failures.noneText')} />}
      columns={[
        { name: 'state', title: t('common.state'), order: (row) => row.state, cell: (row) => <MessageState state={row.state} /> },
        { name: 'channel', title: t('common.channel'), order: (row) => row.channel, cell: (row) => code('channel', row.channel) },
        { name: 'reason', title: t('common.reason'), order: (row) => row.reason, cell: (row) => code('reason', row.reason, row.in_words) },
        {
          name: 'count', title: t('common.count'), right: true, order: (row) => row.count,
          cell: (row) => <Anchor component={Link} size="sm" to={`/outbox?campaign=${encodeURIComponent(name)}&state=${row.state}&channel=${row.channel}&reason=${encodeURIComponent(row.reason)}`}>{format.number(row.count)}</Anchor>,
        },
        {
          name: 'messages', title: t('failures.look'),
          cell: (row) => <Group gap={6}>{row.messages.map((id) => <Anchor key={id} component={Link} size="sm" to={`/outbox/${id}`}>{id}</Anchor>)}</Group>,
        },
      ]} />
  );
}

const SHOWN = 3;

// The most frequent of them, where a pause is explained.
export function Failing({ name }: { name: string }) {
  const { t, code } = useSpeech();
  const format = useFormat();
  const failures = useAsk('/campaigns/{name}/failures', { path: { name } });
  const items = failures.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <>
      <Text size="sm" fw={600} mt={6}>{t('pause.failing')}</Text>
      <List size="sm" data-testid="failing">
        {items.slice(0, SHOWN).map((one) => (
          <List.Item key={`${one.state} ${one.channel} ${one.reason}`}>
            {code('channel', one.channel)}, {code('reason', one.reason, one.in_words)}: {format.number(one.count)}{' '}
            {one.messages.slice(0, SHOWN).map((id) => <Anchor key={id} component={Link} size="sm" to={`/outbox/${id}`} mr={6}>№ {id}</Anchor>)}
          </List.Item>
        ))}
      </List>
      <Anchor component={Link} size="sm" to={`/campaigns/${name}/failures`}>{t('campaign.seeFailures')}</Anchor>
    </>
  );
}
