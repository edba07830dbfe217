// All campaigns, dense; what is filtered is in the address, so that Back and bookmarks work.
import { Anchor, Button, Group, Select, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link } from 'react-router';
import { useMay } from '../../app/session';
import { usePages } from '../../api/hooks';
import { useFilter } from '../../ui/filter';
import { useSpeech } from '../../i18n';
import { DataTable, moreOf } from '../../ui/DataTable';
import { CampaignState, Channels, When } from '../../ui/Marks';
import { Empty, Page } from '../../ui/Page';
import { Duplicate } from './Duplicate';
import { useScheduleWords } from './schedule';

const STATES = ['draft', 'submitted', 'approved', 'running', 'paused', 'cancelled', 'past'];

export default function Campaigns() {
  const { t, code } = useSpeech();
  const may = useMay();
  const scheduleWords = useScheduleWords();
  const [filter, setFilter] = useFilter(['q', 'state']);
  const pages = usePages('/campaigns', { query: { q: filter.q, state: filter.state } });
  const filtered = Boolean(filter.q || filter.state);
  const create = may('campaigns.edit') && (
    <Button component={Link} to="/campaigns/new" size="xs" leftSection={<IconPlus size={14} aria-hidden />}>{t('campaigns.new')}</Button>
  );
  return (
    <Page title={t('nav.campaigns')} actions={create}>
      <Group gap="sm">
        <TextInput aria-label={t('common.find')} placeholder={t('common.find')} size="xs" w={240} defaultValue={filter.q}
          onChange={(event) => setFilter({ q: event.currentTarget.value })} />
        <Select aria-label={t('common.state')} placeholder={t('common.state')} size="xs" clearable value={filter.state || null}
          clearButtonProps={{ 'aria-label': t('common.all') }}
          data={STATES.map((value) => ({ value, label: code('state', value) }))} onChange={(state) => setFilter({ state: state ?? '' })} />
      </Group>
      <DataTable label={t('nav.campaigns')} rows={pages.items} error={pages.error} id={(row) => row.name} more={moreOf(pages)}
        empty={filtered ? <Empty title={t('common.nothingFits')} /> : <Empty title={t('campaigns.none')} text={t('campaigns.noneText')} action={create} />}
        columns={[
          { name: 'title', title: t('common.title'), order: (row) => row.title || row.name, cell: (row) => <Anchor component={Link} to={`/campaigns/${row.name}`} size="sm">{row.title || row.name}</Anchor> },
          { name: 'state', title: t('common.state'), order: (row) => row.state, cell: (row) => <CampaignState state={row.state} /> },
          { name: 'purpose', title: t('campaign.purpose'), order: (row) => row.purpose, cell: (row) => code('purpose', row.purpose) },
          { name: 'channels', title: t('nav.channels'), cell: (row) => <Channels channels={row.channels} /> },
          { name: 'schedule', title: t('campaign.schedule'), cell: (row) => scheduleWords(row.schedule) },
          { name: 'owner', title: t('campaign.owner'), order: (row) => row.owner, cell: (row) => row.owner },
          { name: 'updated', title: t('common.changed'), order: (row) => row.updated_at, cell: (row) => <When at={row.updated_at} /> },
          ...(may('campaigns.edit') ? [{ name: 'copy', title: '', cell: (row: { name: string; title: string }) => <Duplicate name={row.name} title={row.title || row.name} /> }] : []),
        ]} />
    </Page>
  );
}
