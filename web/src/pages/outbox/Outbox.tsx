// Every message, and why each stands where it stands. The filter is in the address: each number elsewhere opens it.
import { Anchor, Button, Group, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Link } from 'react-router';
import { call, newKey, type Schemas } from '../../api/client';
import { usePages } from '../../api/hooks';
import { useMay } from '../../app/session';
import { addWords, useSpeech } from '../../i18n';
import { lists } from '../../i18n/words/lists';
import { DataTable } from '../../ui/DataTable';
import { useFilter } from '../../ui/filter';
import { MessageState, When } from '../../ui/Marks';
import { Empty, Page } from '../../ui/Page';
import { SavedFilters } from '../../ui/SavedFilters';

addWords(lists);

type Line = Schemas['MessageLine'];
const AGAIN = ['failed', 'quarantined'];
const NOT_GONE = ['planned', 'held', 'queued', 'deferred'];
const ON_PAPER = ['letter', 'fax'];

const GROUPS: Record<string, string> = {
  sent: 'accepted,delivered', open: 'planned,held,queued,leased,submitting,deferred,uncertain', failed: 'failed,bounced,quarantined,expired',
  skipped: 'skipped', control: 'control',
};

export default function Outbox() {
  const { t, code } = useSpeech();
  const may = useMay();
  const [version, setVersion] = useState(0);
  const [filter, setFilter] = useFilter(['campaign', 'state', 'channel', 'reason']);
  const pages = usePages('/messages', { query: { campaign: filter.campaign, state: filter.state, reason: filter.reason, channel: (filter.channel || undefined) as Schemas['Channel'] | undefined } });
  const group = Object.entries(GROUPS).find(([, states]) => states === filter.state)?.[0];
  const states = [
    ...Object.entries(GROUPS).map(([name, value]) => ({ value, label: code('group_of_states', name) })),
    ...(filter.state && !group ? [{ value: filter.state, label: filter.state.split(',').map((one) => code('message', one)).join(', ') }] : []),
  ];
  const filtered = Object.values(filter).some(Boolean);
  // Whether a message really can be is decided by the server; these only keep the hopeless ones out.
  const actions = [
    ...(may('messages.retry') ? [{
      name: 'retry', label: t('common.retry'), text: t('bulk.retryText'), can: (row: Line) => AGAIN.includes(row.state),
      act: (row: Line) => call('post', '/messages/{id}/retry', { path: { id: row.id }, key: newKey() }),
    }] : []),
    ...(may('campaigns.launch') ? [{
      name: 'cancel', label: t('bulk.cancel'), text: t('bulk.cancelText'), color: 'red', can: (row: Line) => NOT_GONE.includes(row.state) || (ON_PAPER.includes(row.channel) && row.state === 'accepted'),
      act: (row: Line) => call('post', '/messages/{id}/cancel', { path: { id: row.id }, key: newKey(), body: {} }),
    }] : []),
  ];
  return (
    <Page title={t('nav.outbox')}>
      <Group gap="sm">
        <TextInput aria-label={t('common.campaign')} placeholder={t('common.campaign')} size="xs" w={200} key={`${version} ${filter.campaign ? 'given' : 'none'}`} defaultValue={filter.campaign} onBlur={(event) => setFilter({ campaign: event.currentTarget.value.trim() })} />
        <Select aria-label={t('common.state')} placeholder={t('common.state')} size="xs" w={200} clearable clearButtonProps={{ 'aria-label': t('common.all') }} data={states} value={filter.state || null} onChange={(state) => setFilter({ state: state ?? '' })} />
        <Select aria-label={t('common.channel')} placeholder={t('common.channel')} size="xs" w={140} clearable clearButtonProps={{ 'aria-label': t('common.all') }} value={filter.channel || null}
          data={['email', 'sms', 'letter', 'fax', 'call'].map((value) => ({ value, label: code('channel', value) }))} onChange={(channel) => setFilter({ channel: channel ?? '' })} />
        <SavedFilters applied={() => setVersion(version + 1)} />
        {filter.reason && <Button size="xs" variant="light" onClick={() => setFilter({ reason: '' })}>{code('reason', filter.reason)} ✕</Button>}
      </Group>
      <DataTable label={t('nav.outbox')} rows={pages.items} error={pages.error} id={(row) => row.id} turning={pages.turning} bulk={{ actions, what: (row) => `№ ${row.id}` }}
        empty={<Empty title={t(filtered ? 'common.nothingFits' : 'outbox.none')} text={filtered ? undefined : t('outbox.noneText')} />}
        columns={[
          { name: 'id', title: '№', order: (row) => row.id, cell: (row) => <Anchor component={Link} size="sm" to={`/outbox/${row.id}`}>{row.id}</Anchor> },
          { name: 'campaign', title: t('common.campaign'), order: (row) => row.campaign, cell: (row) => row.campaign },
          { name: 'client', title: t('common.client'), order: (row) => row.client, cell: (row) => <Anchor component={Link} size="sm" to={`/clients/${encodeURIComponent(row.client)}?campaign=${encodeURIComponent(row.campaign)}`}>{row.client_name || row.client}</Anchor> },
          { name: 'channel', title: t('common.channel'), order: (row) => row.channel, cell: (row) => code('channel', row.channel) },
          { name: 'state', title: t('common.state'), order: (row) => row.state, cell: (row) => <MessageState state={row.state} /> },
          { name: 'reason', title: t('common.reason'), cell: (row) => code('reason', row.reason, row.in_words) },
          { name: 'due', title: t('common.when'), order: (row) => row.submitted_at ?? row.due_at, cell: (row) => <When at={row.submitted_at ?? row.due_at} /> },
        ]} />
    </Page>
  );
}
