// The parts of a report that are tables first: rates, plan, channels, what came back.
import { Anchor, Badge, Group, Stack, Table, Text } from '@mantine/core';
import { useCallback } from 'react';
import { Link } from 'react-router';
import { Chart } from '../../charts/Chart';
import type { Look } from '../../charts/look';
import { intervals } from '../../charts/options';
import { useFormat } from '../../format';
import { useSpeech } from '../../i18n';
import { DataTable } from '../../ui/DataTable';
import { Section } from '../../ui/Page';
import { rangeOf, useEstimate } from './estimates';
import { isMissing, type ChannelFigures, type PlanFigure, type ReportData } from './report-data';

export function Rates({ data }: { data: ReportData }) {
  const { t, code, language } = useSpeech();
  const format = useFormat();
  const estimate = useEstimate();
  const known = data.rates.flatMap((rate) => (isMissing(rate.share) ? [] : [rangeOf(code('rate', rate.name), rate.share)]));
  const draw = useCallback((look: Look) => intervals(look, known, format.percent),
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [data, language]);
  return (
    <Section title={t('report.rates')}>
      <Chart label={t('report.rates')} draw={draw} height={250} opened figures={{ head: [t('report.rate'), t('common.count'), t('report.share')],
        rows: data.rates.map((rate) => [code('rate', rate.name), `${format.number(rate.hits)} / ${format.number(rate.of)}`, estimate(rate.share)]) }} />
    </Section>
  );
}

export function Plan({ plan }: { plan: NonNullable<ReportData['plan']> }) {
  const { t, code } = useSpeech();
  const format = useFormat();
  const show = (figure: PlanFigure, value: number) =>
    figure.figure === 'response' ? format.percent(value) : figure.currency ? format.money(`${value.toFixed(2)} ${figure.currency}`) : format.number(value);
  return (
    <Section title={t('report.plan')}>
      <Table fz="sm" aria-label={t('report.plan')}>
        <Table.Thead><Table.Tr><Table.Th>{t('report.rate')}</Table.Th>{(['report.planned', 'report.due', 'report.fact'] as const).map((key) => <Table.Th key={key} ta="right">{t(key)}</Table.Th>)}<Table.Th>{t('report.difference')}</Table.Th></Table.Tr></Table.Thead>
        <Table.Tbody>
          {plan.figures.map((one) => (
            <Table.Tr key={one.figure}>
              <Table.Td>{code('figure', one.figure)}</Table.Td>
              {[one.planned, one.expected, one.fact].map((value, at) => <Table.Td key={at} ta="right">{show(one, value)}</Table.Td>)}
              <Table.Td>{one.deviation > 0 ? '+' : ''}{format.percent(one.deviation)} <Badge size="sm" variant="light" tt="none" color={one.beyond_limit ? 'orange' : 'green'}>{t(one.beyond_limit ? 'report.beyond' : 'report.within')}</Badge></Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  );
}

export function Channels({ name, data }: { name: string; data: ReportData }) {
  const { t, code } = useSpeech();
  const format = useFormat();
  const estimate = useEstimate();
  const returned = (row: ChannelFigures) => (isMissing(row.return_on_cost) ? '—' : estimate(row.return_on_cost));
  return (
    <Section title={t('report.channels')}>
      <DataTable label={t('report.channels')} rows={data.channels} id={(row) => row.channel} columns={[
        { name: 'channel', title: t('common.channel'), cell: (row) => <Anchor component={Link} size="sm" to={`/outbox?campaign=${encodeURIComponent(name)}&channel=${row.channel}`}>{code('channel', row.channel)}</Anchor> },
        ...(['sent', 'arrived', 'opened', 'clicked', 'responded'] as const).map((step) => ({
          name: step, title: code('step', step), right: true, order: (row: ChannelFigures) => row[step], cell: (row: ChannelFigures) => format.number(row[step]),
        })),
        { name: 'credited', title: t('report.credited'), right: true, cell: (row) => format.number(row.credited_conversions, 1) },
        { name: 'units', title: t('report.units'), right: true, cell: (row) => format.number(row.units) },
        { name: 'cost', title: t('forecast.cost'), right: true, cell: (row) => format.minor(row.cost_minor, data.currency) },
        { name: 'return', title: t('report.return'), right: true, cell: returned },
      ]} />
    </Section>
  );
}

export function Responses({ data }: { data: ReportData }) {
  const { t, code } = useSpeech();
  const format = useFormat();
  const times = data.response_times;
  if (data.responses.length === 0) return null;
  const after = (ms: number | undefined) => format.duration((ms ?? 0) / 1000);
  return (
    <Section title={t('report.responses')}>
      <Stack gap="xs">
        <Table fz="sm" aria-label={t('report.responses')}>
          <Table.Thead><Table.Tr><Table.Th>{t('report.what')}</Table.Th><Table.Th ta="right">{t('report.events')}</Table.Th><Table.Th ta="right">{t('report.clientsCount')}</Table.Th></Table.Tr></Table.Thead>
          <Table.Tbody>
            {data.responses.map((one) => (
              <Table.Tr key={one.kind}>
                <Table.Td><Group gap="xs">{code('kind', one.kind)}<Text span size="xs" c="dimmed">{t(one.automatic ? 'report.byMachines' : 'report.byPeople')}</Text></Group></Table.Td>
                <Table.Td ta="right">{format.number(one.events)}</Table.Td>
                <Table.Td ta="right">{format.number(one.clients)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        {times.responses > 0 && <Text size="sm">{t('report.timesText', { quarter: after(times.quarter_ms), half: after(times.half_ms), most: after(times.three_quarters_ms), all: after(times.nine_tenths_ms) })}</Text>}
      </Stack>
    </Section>
  );
}
