// What campaigns brought, side by side; the bank as its daily pictures show it; plans of clients against facts.
import { Anchor, Button, Checkbox, Group, Tabs, Text } from '@mantine/core';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { useEndless } from '../../api/hooks';
import { addWords, useSpeech } from '../../i18n';
import { reports } from '../../i18n/words/reports';
import { DataTable, moreOf } from '../../ui/DataTable';
import { CampaignState, Channels, When } from '../../ui/Marks';
import { Empty, Page } from '../../ui/Page';
import { Bank } from './Bank';
import { Compare } from './Compare';
import { Profit } from './Profit';

addWords(reports);
const STARTED = ['running', 'paused', 'cancelled', 'past'];
export const COMPARED_MAX = 10;

export default function Reports() {
  const { t } = useSpeech();
  const go = useNavigate();
  const { tab = 'campaigns' } = useParams();
  return (
    <Page title={t('nav.reports')}>
      {tab === 'compare' ? <Compare /> : (
        <Tabs value={tab} keepMounted={false} onChange={(value) => void go(value === 'campaigns' ? '/reports' : `/reports/${value}`)}>
          <Tabs.List mb="md">
            <Tabs.Tab value="campaigns">{t('reports.campaigns')}</Tabs.Tab>
            <Tabs.Tab value="bank">{t('reports.bank')}</Tabs.Tab>
            <Tabs.Tab value="profit">{t('reports.profit')}</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="campaigns"><Campaigns /></Tabs.Panel>
          <Tabs.Panel value="bank"><Bank /></Tabs.Panel>
          <Tabs.Panel value="profit"><Profit /></Tabs.Panel>
        </Tabs>
      )}
    </Page>
  );
}

function Campaigns() {
  const { t } = useSpeech();
  const go = useNavigate();
  const [chosen, setChosen] = useState<string[]>([]);
  const pages = useEndless('/campaigns', { query: { limit: 100 } });
  const started = pages.items?.filter((one) => STARTED.includes(one.state));
  const toggle = (name: string) => setChosen((now) => (now.includes(name) ? now.filter((one) => one !== name) : [...now, name]));
  const enough = chosen.length >= 2 && chosen.length <= COMPARED_MAX;
  return (
    <>
      <Group mb="sm" gap="sm">
        <Button size="xs" disabled={!enough} onClick={() => void go(`/reports/compare?names=${chosen.map(encodeURIComponent).join(',')}`)}>
          {enough ? t('reports.compareN', { n: chosen.length }) : t('reports.compare')}
        </Button>
        {!enough && <Text size="sm" c="dimmed">{t('reports.compareHint')}</Text>}
      </Group>
      <DataTable label={t('reports.campaigns')} rows={started} error={pages.error} id={(row) => row.name} more={moreOf(pages)} empty={<Empty title={t('reports.none')} text={t('reports.noneText')} />}
        columns={[
          { name: 'chosen', title: t('reports.compare'), cell: (row) => <Checkbox size="xs" aria-label={t('reports.chooseOne', { name: row.title || row.name })} checked={chosen.includes(row.name)} onChange={() => toggle(row.name)} /> },
          { name: 'name', title: t('common.campaign'), order: (row) => row.title || row.name, cell: (row) => <Anchor component={Link} size="sm" to={`/campaigns/${row.name}/report`}>{row.title || row.name}</Anchor> },
          { name: 'state', title: t('common.state'), order: (row) => row.state, cell: (row) => <CampaignState state={row.state} /> },
          { name: 'channels', title: t('common.channel'), cell: (row) => <Channels channels={row.channels} /> },
          { name: 'owner', title: t('common.who'), order: (row) => row.owner, cell: (row) => row.owner },
          { name: 'at', title: t('common.when'), order: (row) => row.started_at ?? '', cell: (row) => <When at={row.started_at} /> },
        ]} />
    </>
  );
}
