// What clients were to bring and what they brought, by client or by group of clients.
import { Anchor, Group, Select, Stack, TextInput } from '@mantine/core';
import { Link } from 'react-router';
import { useAsk } from '../../api/hooks';
import { useFormat } from '../../format';
import { useSpeech } from '../../i18n';
import { DataTable } from '../../ui/DataTable';
import { useFilter } from '../../ui/filter';
import { Asked, Empty } from '../../ui/Page';
import { Download } from './Download';
import type { ProfitData } from './report-data';

const GROUPS = ['client', 'segment', 'value_class', 'industry', 'branch', 'manager'] as const;
const thisMonth = () => new Date().toISOString().slice(0, 7);

export function Profit() {
  const { t, code } = useSpeech();
  const [filter, setFilter] = useFilter(['from', 'to', 'by']);
  const to = filter.to || thisMonth();
  const from = filter.from || `${Number(to.slice(0, 4)) - 1}${to.slice(4)}`;
  const by = GROUPS.find((one) => one === filter.by) ?? 'manager';
  const asked = useAsk('/reports/profitability', { query: { from, to, by } }, { keep: true });
  return (
    <Stack>
      <Group gap="sm" align="flex-end">
        <TextInput size="xs" type="month" label={t('reports.from')} value={from} onChange={(event) => setFilter({ from: event.currentTarget.value })} />
        <TextInput size="xs" type="month" label={t('reports.to')} value={to} onChange={(event) => setFilter({ to: event.currentTarget.value })} />
        <Select size="xs" w={160} label={t('report.by')} allowDeselect={false} value={by} data={GROUPS.map((value) => ({ value, label: code('by', value) }))} onChange={(value) => setFilter({ by: value ?? '' })} />
        <Download path="/reports/profitability" query={{ from, to, by }} />
      </Group>
      <Asked query={asked}>{(data) => <Rows data={data as unknown as ProfitData} />}</Asked>
    </Stack>
  );
}

function Rows({ data }: { data: ProfitData }) {
  const { t, code } = useSpeech();
  const format = useFormat();
  const money = (minor: number, currency: string) => format.money(`${(minor / 100).toFixed(2)} ${currency}`);
  return (
    <DataTable label={t('reports.profit')} rows={data.rows} id={(row) => `${row.group} ${row.metric} ${row.detail} ${row.currency}`} empty={<Empty title={t('profit.none')} text={t('profit.noneText')} />}
      columns={[
        { name: 'who', title: code('by', data.by), order: (row) => row.group, cell: (row) => (data.by === 'client' ? <Anchor component={Link} size="sm" to={`/clients/${encodeURIComponent(row.group)}`}>{row.group}</Anchor> : row.group || '—') },
        { name: 'metric', title: t('profit.metric'), order: (row) => row.metric, cell: (row) => `${code('metric', row.metric)}${row.detail ? `, ${row.detail}` : ''}` },
        { name: 'clients', title: t('bank.clients'), right: true, order: (row) => row.clients, cell: (row) => format.number(row.clients) },
        { name: 'planned', title: t('report.planned'), right: true, order: (row) => row.planned_minor, cell: (row) => money(row.planned_minor, row.currency) },
        { name: 'fact', title: t('report.fact'), right: true, order: (row) => row.fact_minor, cell: (row) => money(row.fact_minor, row.currency) },
        { name: 'deviation', title: t('profit.deviation'), right: true, order: (row) => row.deviation ?? 0, cell: (row) => (row.deviation === null ? '—' : `${row.deviation > 0 ? '+' : ''}${format.percent(row.deviation)}`) },
        { name: 'beyond', title: t('profit.beyond'), right: true, order: (row) => row.beyond_limit, cell: (row) => format.number(row.beyond_limit) },
        { name: 'waiting', title: t('profit.waiting'), right: true, order: (row) => row.without_fact, cell: (row) => format.number(row.without_fact) },
      ]} />
  );
}
