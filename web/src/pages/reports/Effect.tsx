// What the campaign changed: differences to the control group, between variants and among groups of clients.
import { Badge, Stack, Table, Text } from '@mantine/core';
import { useCallback } from 'react';
import { Chart } from '../../charts/Chart';
import type { Look } from '../../charts/look';
import { intervals, type Range } from '../../charts/options';
import { useFormat } from '../../format';
import { useSpeech } from '../../i18n';
import { Section } from '../../ui/Page';
import { rangeOf, useEstimate } from './estimates';
import { isMissing, type Breakdown, type Count, type ReportData } from './report-data';

const ROW = 46; // pixels of a row in a chart of intervals
const AXIS = 56;
const SLICES_SHOWN = 20;

// Differences around zero; green and red only where the interval leaves zero out.
export function Differences({ label, ranges, figures }: { label: string; ranges: Range[]; figures: { head: string[]; rows: string[][] } }) {
  const format = useFormat();
  const { language } = useSpeech();
  const same = JSON.stringify(ranges);
  const draw = useCallback((look: Look) => intervals(look, ranges, format.percent, true),
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [same, language]);
  if (ranges.length === 0) return null;
  return <Chart label={label} draw={draw} height={AXIS + ROW * Math.min(ranges.length, SLICES_SHOWN)} figures={figures} />;
}

function useCounted() {
  const format = useFormat();
  return (count: Count) => `${format.number(count.hits)} / ${format.number(count.of)}${count.of ? ` = ${format.percent(count.hits / count.of)}` : ''}`;
}

export function Effect({ data }: { data: ReportData }) {
  const { t, code } = useSpeech();
  const format = useFormat();
  const estimate = useEstimate();
  const counted = useCounted();
  const known = data.lifts.filter((lift) => lift.control.of > 0);
  const ranges = known.flatMap((lift) => (isMissing(lift.difference) ? [] : [rangeOf(`${code('group', lift.group)}, ${code('conversion', lift.conversion)}`, lift.difference)]));
  if (known.length === 0) return <Section title={t('report.lift')}><Text size="sm" c="dimmed">{t('report.noLift')}</Text></Section>;
  const head = [t('report.group'), t('report.what'), t('report.treated'), t('report.controlGroup'), t('report.difference'), t('report.always'), t('report.chance'), t('report.incremental')];
  const rows = known.map((lift) => [code('group', lift.group), code('conversion', lift.conversion), counted(lift.treated), counted(lift.control), estimate(lift.difference),
    estimate(lift.always_valid), lift.p === undefined ? '—' : t('report.p', { p: format.number(lift.p_adjusted ?? lift.p, 4) }), estimate(lift.incremental, (n) => format.number(n))]);
  return (
    <Section title={t('report.lift')}>
      <Stack gap="xs">
        <Differences label={t('report.lift')} ranges={ranges} figures={{ head: [t('report.group'), t('report.difference')], rows: ranges.map((one) => [one.label, estimate({ value: one.value, interval: [one.low, one.high] })]) }} />
        <Wide label={t('report.lift')} head={head} rows={rows} />
        <Money data={data} />
      </Stack>
    </Section>
  );
}

function Wide({ label, head, rows }: { label: string; head: string[]; rows: React.ReactNode[][] }) {
  return (
    <Table.ScrollContainer minWidth={600} scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': label } }}>
      <Table fz="sm" verticalSpacing={6} aria-label={label}>
        <Table.Thead><Table.Tr>{head.map((one) => <Table.Th key={one}>{one}</Table.Th>)}</Table.Tr></Table.Thead>
        <Table.Tbody>{rows.map((row, at) => <Table.Tr key={at}>{row.map((cell, column) => <Table.Td key={column}>{cell}</Table.Td>)}</Table.Tr>)}</Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function Money({ data }: { data: ReportData }) {
  const { t, code } = useSpeech();
  const format = useFormat();
  const estimate = useEstimate();
  if (data.money.length === 0) return null;
  const rows = data.money.map((one) => {
    const show = (n: number) => (one.currency ? format.money(`${n.toFixed(2)} ${one.currency}`) : format.number(n, 2));
    return [code('group', one.group), code('conversion', one.conversion), show(one.treated), show(one.control), estimate(one.difference, show), estimate(one.incremental, show)];
  });
  return <Wide label={t('report.money')} head={[t('report.group'), t('report.money'), t('report.moneyTreated'), t('report.controlGroup'), t('report.difference'), t('report.incremental')]} rows={rows} />;
}

export function Variants({ data }: { data: ReportData }) {
  const { t, code } = useSpeech();
  const format = useFormat();
  const estimate = useEstimate();
  if (data.variants.length === 0) return null;
  return (
    <Section title={t('report.variants')}>
      <Wide label={t('report.variants')} head={[t('report.group'), t('report.difference'), t('report.chance'), t('report.stillNeeded')]} rows={data.variants.map((pair) => [
        `${code('group', pair.first)} – ${code('group', pair.second)}`, estimate(pair.difference),
        <Badge key="d" variant="light" tt="none" color={pair.differs ? 'green' : 'gray'}>{t(pair.differs ? 'report.differs' : 'report.notYet')} · {t('report.p', { p: format.number(pair.p_adjusted, 4) })}</Badge>,
        typeof pair.still_needed === 'number' ? format.number(pair.still_needed) : t('report.missing', { why: code('lack', pair.still_needed.missing) })])} />
    </Section>
  );
}

export function Slices({ breakdown }: { breakdown: Breakdown }) {
  const { t, code } = useSpeech();
  const estimate = useEstimate();
  const counted = useCounted();
  const shown = breakdown.slices.slice(0, SLICES_SHOWN);
  const title = t('report.slices', { by: code('by', breakdown.by) });
  const ranges = shown.flatMap((slice) => (isMissing(slice.difference) ? [] : [rangeOf(code('status', slice.value, '—'), slice.difference)]));
  return (
    <Section title={title}>
      <Differences label={title} ranges={ranges} figures={{ head: [code('by', breakdown.by), t('report.difference')], rows: ranges.map((one) => [one.label, estimate({ value: one.value, interval: [one.low, one.high] })]) }} />
      <Wide label={title} head={[code('by', breakdown.by), code('rate', 'response'), t('report.treated'), t('report.controlGroup'), t('report.difference')]}
        rows={breakdown.slices.map((slice) => [slice.value || '—', counted(slice.responded), counted(slice.treated), counted(slice.control), estimate(slice.difference)])} />
    </Section>
  );
}
