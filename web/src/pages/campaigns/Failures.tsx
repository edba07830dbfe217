// Why messages did not go: each reason in words, with the messages themselves.
import { Anchor, Group } from '@mantine/core';
import { Link } from 'react-router';
import { useAsk } from '../../api/hooks';
import { useFormat } from '../../format';
import { useSpeech } from '../../i18n';
import { DataTable } from '../../ui/DataTable';
import { MessageState } from '../../ui/Marks';
import { Empty } from '../../ui/Page';

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
