// The bank as its daily pictures show it: segments over time, the most valuable clients, who moves, what goes together.
import { Anchor, Group, SegmentedControl, Select, Stack, Table, Text, TextInput } from '@mantine/core';
import { useCallback } from 'react';
import { Link } from 'react-router';
import { useAsk } from '../../api/hooks';
import { Chart } from '../../charts/Chart';
import type { Look } from '../../charts/look';
import { heat, lines } from '../../charts/options';
import { useFormat } from '../../format';
import { useSpeech } from '../../i18n';
import { DataTable } from '../../ui/DataTable';
import { useFilter } from '../../ui/filter';
import { Asked, Empty, Section } from '../../ui/Page';
import { Download } from './Download';
import type { BankData, SegmentPeriod } from './report-data';

const PERIODS = ['day', 'week', 'month', 'quarter', 'year'] as const;
const MEASURES = ['clients', 'joined', 'left', 'funds', 'loans', 'products', 'refusals'] as const;
type Measure = (typeof MEASURES)[number];
const MINOR = 100; // of the bank's currency
const text = (date: Date) => date.toISOString().slice(0, 10);

export function Bank() {
  const { t } = useSpeech();
  const [filter, setFilter] = useFilter(['from', 'to', 'by', 'measure']);
  const by = PERIODS.find((one) => one === filter.by) ?? 'month';
  const to = filter.to || text(new Date());
  const from = filter.from || `${Number(to.slice(0, 4)) - 2}${to.slice(4)}`.replace('02-29', '02-28');
  const asked = useAsk('/reports/bank', { query: { from, to, by } }, { keep: true });
  return (
    <Stack gap="lg">
      <Group gap="sm" align="flex-end">
        <TextInput size="xs" type="date" label={t('reports.from')} value={from} onChange={(event) => setFilter({ from: event.currentTarget.value })} />
        <TextInput size="xs" type="date" label={t('reports.to')} value={to} onChange={(event) => setFilter({ to: event.currentTarget.value })} />
        <Select size="xs" w={130} label={t('reports.period')} allowDeselect={false} value={by} data={PERIODS.map((value) => ({ value, label: t(`period.${value}`) }))} onChange={(value) => setFilter({ by: value ?? '' })} />
        <Download path="/reports/bank" query={{ from, to, by }} />
      </Group>
      <Asked query={asked}>{(answer) => {
        const data = answer as unknown as BankData;
        return data.snapshots === 0 ? <Empty title={t('bank.none')} text={t('bank.noneText')} />
          : <Content data={data} measure={MEASURES.find((one) => one === filter.measure) ?? 'clients'} choose={(measure) => setFilter({ measure })} />;
      }}</Asked>
    </Stack>
  );
}

function Content({ data, measure, choose }: { data: BankData; measure: Measure; choose: (measure: string) => void }) {
  const { t } = useSpeech();
  const format = useFormat();
  return (
    <>
      <Text size="sm" c="dimmed">{t('bank.snapshots', { n: data.snapshots, from: format.date(data.from), to: format.date(data.to) })}</Text>
      <Segments data={data} measure={measure} choose={choose} />
      <Valuable data={data} />
      <Migration data={data} />
      <Pairs data={data} />
      <Sources data={data} />
    </>
  );
}

const valueOf = (one: SegmentPeriod, measure: Measure): number =>
  measure === 'funds' ? one.funds_minor / MINOR : measure === 'loans' ? one.loans_minor / MINOR : one[measure];

function Segments({ data, measure, choose }: { data: BankData; measure: Measure; choose: (measure: string) => void }) {
  const { t, language } = useSpeech();
  const format = useFormat();
  const ticks = [...new Set(data.segments.flatMap((one) => one.periods.map((period) => period.period)))].sort();
  const series = data.segments.map((one) => {
    const values = new Map(one.periods.map((period) => [period.period, valueOf(period, measure)]));
    return { name: one.segment === '*' ? t('bank.all') : one.segment, values: ticks.map((tick) => values.get(tick) ?? null) };
  });
  const draw = useCallback((look: Look) => lines(look, ticks.map(format.day), series, (n) => format.number(n)),
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [data, measure, language]);
  return (
    <Section title={t('bank.segments')} actions={<SegmentedControl size="xs" aria-label={t('bank.measure')} value={measure} onChange={choose} data={MEASURES.map((value) => ({ value, label: t(`bank.${value}`) }))} style={{ flexWrap: 'wrap' }} />}>
      <Chart label={`${t('bank.segments')}: ${t(`bank.${measure}`)}`} draw={draw} height={320}
        figures={{ head: [t('reports.period'), ...series.map((one) => one.name)], rows: ticks.map((tick, at) => [format.day(tick), ...series.map((one) => (one.values[at] == null ? '—' : format.number(one.values[at])))]) }} />
    </Section>
  );
}

function Valuable({ data }: { data: BankData }) {
  const { t } = useSpeech();
  const format = useFormat();
  const value = data.value;
  return (
    <Section title={t('bank.value')}>
      <Text size="sm">{t('bank.valueText', { share: format.percent(value.share_of_fifth), n: value.who_bring_80, of: value.clients })} {t(value.measure === 'income' ? 'bank.income' : 'bank.balances')}.</Text>
      <DataTable label={t('bank.value')} rows={value.first} id={(row) => row.client} columns={[
        { name: 'client', title: t('common.client'), order: (row) => row.name, cell: (row) => <Anchor component={Link} size="sm" to={`/clients/${encodeURIComponent(row.client)}`}>{row.name || row.client}</Anchor> },
        { name: 'manager', title: t('client.manager'), order: (row) => row.manager, cell: (row) => row.manager },
        { name: 'worth', title: t('bank.worth'), right: true, order: (row) => row.worth_minor, cell: (row) => format.money(`${(row.worth_minor / MINOR).toFixed(2)} ${data.currency}`) },
        { name: 'share', title: t('bank.share'), right: true, order: (row) => row.share, cell: (row) => format.percent(row.share) },
        { name: 'cumulative', title: t('bank.cumulative'), right: true, cell: (row) => format.percent(row.cumulative) },
      ]} />
    </Section>
  );
}

function Migration({ data }: { data: BankData }) {
  const { t, code, language } = useSpeech();
  const format = useFormat();
  const before = [...new Set(data.migration.map((one) => one.from))].sort();
  const after = [...new Set(data.migration.map((one) => one.to))].sort();
  const count = (from: string, to: string) => data.migration.find((one) => one.from === from && one.to === to)?.clients ?? 0;
  const draw = useCallback((look: Look) => heat(look, after.map((one) => code('status', one)), before.map((one) => code('status', one)),
    before.flatMap((from, down) => after.map((to, across) => [across, down, count(from, to)] as [number, number, number])), (n) => format.number(n)),
  // eslint-disable-next-line react-hooks/exhaustive-deps
  [data, language]);
  if (before.length === 0) return null;
  return (
    <Section title={t('bank.migration')}>
      <Text size="sm" mb="xs">{t('bank.retention', { of: data.retention.of, stayed: data.retention.stayed, share: format.percent(data.retention.of ? data.retention.stayed / data.retention.of : 0) })}</Text>
      <Chart label={t('bank.migration')} draw={draw} height={60 + 36 * before.length} opened
        figures={{ head: [t('bank.fromStatus'), ...after.map((one) => code('status', one))], rows: before.map((from) => [code('status', from), ...after.map((to) => format.number(count(from, to)))]) }} />
    </Section>
  );
}

function Pairs({ data }: { data: BankData }) {
  const { t } = useSpeech();
  const format = useFormat();
  return (
    <Section title={t('bank.pairs')}>
      <DataTable label={t('bank.pairs')} rows={data.products_together} id={(row) => `${row.first} ${row.second}`} columns={[
        { name: 'first', title: t('bank.first'), order: (row) => row.first, cell: (row) => row.first },
        { name: 'second', title: t('bank.second'), order: (row) => row.second, cell: (row) => row.second },
        { name: 'clients', title: t('bank.together'), right: true, order: (row) => row.clients, cell: (row) => format.number(row.clients) },
        { name: 'support', title: t('bank.support'), right: true, order: (row) => row.support, cell: (row) => format.percent(row.support) },
        { name: 'confidence', title: t('bank.confidence'), right: true, order: (row) => row.confidence, cell: (row) => format.percent(row.confidence) },
        { name: 'lift', title: t('bank.lift'), right: true, order: (row) => row.lift, cell: (row) => `× ${format.number(row.lift, 2)}` },
      ]} />
    </Section>
  );
}

function Sources({ data }: { data: BankData }) {
  const { t } = useSpeech();
  const format = useFormat();
  return (
    <Section title={t('bank.sources')}>
      {data.sources.length === 0 ? <Text size="sm" c="dimmed">{t('bank.noSources')}</Text> : (
        <Table fz="sm" aria-label={t('bank.sources')}>
          <Table.Thead><Table.Tr><Table.Th>{t('bank.source')}</Table.Th>{(['bank.prospects', 'bank.won', 'bank.days', 'bank.perClient'] as const).map((key) => <Table.Th key={key} ta="right">{t(key)}</Table.Th>)}</Table.Tr></Table.Thead>
          <Table.Tbody>{data.sources.map((one) => (
            <Table.Tr key={one.source}>
              <Table.Td>{one.source || '—'}</Table.Td><Table.Td ta="right">{format.number(one.prospects)}</Table.Td><Table.Td ta="right">{format.number(one.won)}</Table.Td>
              <Table.Td ta="right">{format.number(one.days_to_win, 1)}</Table.Td><Table.Td ta="right">{format.number(one.products, 1)}</Table.Td>
            </Table.Tr>
          ))}</Table.Tbody>
        </Table>
      )}
    </Section>
  );
}
