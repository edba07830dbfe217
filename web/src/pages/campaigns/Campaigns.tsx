// All campaigns, dense; what is filtered is in the address, so that Back and bookmarks work.
import { Anchor, Button, Group, Select, Text, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { call, newKey, type Schemas } from '../../api/client';
import { useMay } from '../../app/session';
import { usePages } from '../../api/hooks';
import { useFilter } from '../../ui/filter';
import { addWords, useSpeech } from '../../i18n';
import { lists } from '../../i18n/words/lists';
import { DataTable } from '../../ui/DataTable';
import { CampaignState, Channels, When } from '../../ui/Marks';
import { Empty, Page } from '../../ui/Page';
import { SavedFilters } from '../../ui/SavedFilters';
import { Duplicate } from './Duplicate';
import { useStarts } from './NextStart';
import { useScheduleWords } from './schedule';

addWords(lists);

const STATES = ['draft', 'submitted', 'approved', 'running', 'paused', 'cancelled', 'past'];

export default function Campaigns() {
  const { t, code } = useSpeech();
  const may = useMay();
  const scheduleWords = useScheduleWords();
  const [version, setVersion] = useState(0);
  const starts = useStarts();
  const [filter, setFilter] = useFilter(['q', 'state']);
  const pages = usePages('/campaigns', { query: { q: filter.q, state: filter.state } });
  const filtered = Boolean(filter.q || filter.state);
  const create = may('campaigns.edit') && (
    <Button component={Link} to="/campaigns/new" size="xs" leftSection={<IconPlus size={14} aria-hidden />}>{t('campaigns.new')}</Button>
  );
  const actions = may('campaigns.pause') ? [{
    name: 'pause', label: t('act.pause'), text: t('bulk.pauseText'), color: 'orange', can: (row: Schemas['CampaignSummary']) => row.state === 'running',
    act: (row: Schemas['CampaignSummary']) => call('post', '/campaigns/{name}/pause', { path: { name: row.name }, key: newKey(), body: {} }),
  }] : [];
  return (
    <Page title={t('nav.campaigns')} actions={create}>
      <Group gap="sm">
        <TextInput aria-label={t('common.find')} placeholder={t('common.find')} size="xs" w={240} key={version} defaultValue={filter.q}
          onChange={(event) => setFilter({ q: event.currentTarget.value })} />
        <Select aria-label={t('common.state')} placeholder={t('common.state')} size="xs" clearable value={filter.state || null}
          clearButtonProps={{ 'aria-label': t('common.all') }}
          data={STATES.map((value) => ({ value, label: code('state', value) }))} onChange={(state) => setFilter({ state: state ?? '' })} />
        <SavedFilters applied={() => setVersion(version + 1)} />
      </Group>
      <DataTable label={t('nav.campaigns')} rows={pages.items} error={pages.error} id={(row) => row.name} turning={pages.turning} bulk={{ actions, what: (row) => row.title || row.name }}
        empty={filtered ? <Empty title={t('common.nothingFits')} /> : <Empty title={t('campaigns.none')} text={t('campaigns.noneText')} action={create} />}
        columns={[
          { name: 'title', title: t('common.title'), order: (row) => row.title || row.name, cell: (row) => <Anchor component={Link} to={`/campaigns/${row.name}`} size="sm">{row.title || row.name}</Anchor> },
          { name: 'state', title: t('common.state'), order: (row) => row.state, cell: (row) => <CampaignState state={row.state} /> },
          { name: 'purpose', title: t('campaign.purpose'), order: (row) => row.purpose, cell: (row) => code('purpose', row.purpose) },
          { name: 'channels', title: t('nav.channels'), cell: (row) => <Channels channels={row.channels} /> },
          { name: 'schedule', title: t('campaign.schedule'), cell: (row) => <>{scheduleWords(row.schedule)}{starts.said(row.name) && <Text size="xs" c="dimmed">{starts.said(row.name)}</Text>}</> },
          { name: 'owner', title: t('campaign.owner'), order: (row) => row.owner, cell: (row) => row.owner },
          { name: 'updated', title: t('common.changed'), order: (row) => row.updated_at, cell: (row) => <When at={row.updated_at} /> },
          ...(may('campaigns.edit') ? [{ name: 'copy', title: '', cell: (row: { name: string; title: string }) => <Duplicate name={row.name} title={row.title || row.name} /> }] : []),
        ]} />
    </Page>
  );
}
