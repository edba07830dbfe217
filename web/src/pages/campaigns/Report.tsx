// What the campaign brought: the funnel with the clients behind each number, the difference to the control group, channels.
import { Alert, Anchor, Grid, SimpleGrid, Stack, Table, Text } from '@mantine/core';
import { Link, useSearchParams } from 'react-router';
import { useAsk, usePages } from '../../api/hooks';
import { useFormat } from '../../format';
import { useSpeech, type Key } from '../../i18n';
import { DataTable, moreOf } from '../../ui/DataTable';
import { Bars, Figure } from '../../ui/Marks';
import { Asked, Empty, Section } from '../../ui/Page';
import { FUNNEL, isMissing, type Estimate, type Group, type Maybe, type ReportData, type Step } from './report-data';

const STEPS: Step[] = [...FUNNEL, 'bounced', 'opted_out', 'left_out', 'control'];

export function Report({ name }: { name: string }) {
  const [parameters] = useSearchParams();
  const step = STEPS.find((one) => one === parameters.get('step'));
  const report = useAsk('/campaigns/{name}/report', { path: { name } });
  if (step) return <Clients name={name} step={step} />;
  return <Asked query={report}>{(data) => <Content name={name} data={data as unknown as ReportData} />}</Asked>;
}

function Clients({ name, step }: { name: string; step: Step }) {
  const { t, code } = useSpeech();
  const pages = usePages('/campaigns/{name}/report/clients', { path: { name }, query: { step } });
  return (
    <Section title={t('report.clients', { step: code('step', step) })} actions={<Anchor component={Link} size="sm" to={`/campaigns/${name}/report`}>{t('report.back')}</Anchor>}>
      <DataTable label={t('report.clients', { step: code('step', step) })} rows={pages.items} error={pages.error} more={moreOf(pages)}
        id={(row) => `${row.client} ${row.channel} ${row.group}`} empty={<Empty title={t('report.nobody')} />}
        columns={[
          { name: 'client', title: t('common.client'), order: (row) => row.client, cell: (row) => <Anchor component={Link} size="sm" to={`/clients/${encodeURIComponent(row.client)}?campaign=${encodeURIComponent(name)}`}>{row.client}</Anchor> },
          { name: 'name', title: t('client.name'), order: (row) => row.name, cell: (row) => row.name },
          { name: 'group', title: t('report.group'), order: (row) => row.group, cell: (row) => code('group', row.group) },
          { name: 'channel', title: t('common.channel'), order: (row) => row.channel, cell: (row) => code('channel', row.channel) },
          { name: 'branch', title: t('client.branch'), order: (row) => row.branch, cell: (row) => row.branch },
          { name: 'manager', title: t('client.manager'), order: (row) => row.manager, cell: (row) => row.manager },
        ]} />
    </Section>
  );
}

function useEstimate() {
  const format = useFormat();
  const { t, code } = useSpeech();
  return (value: Maybe<Estimate>, show: (n: number) => string = format.percent): string =>
    isMissing(value) ? t('report.missing', { why: code('lack', value.missing) })
      : `${show(value.value)} (${show(value.interval[0])} … ${show(value.interval[1])})`;
}

function Content({ name, data }: { name: string; data: ReportData }) {
  const { t } = useSpeech();
  const format = useFormat();
  const estimate = useEstimate();
  const treated = data.groups.find((group) => group.name === 'treated') ?? data.groups[0];
  const left = data.left_out ?? 0;
  return (
    <Stack>
      {!isMissing(data.sample_ratio) && data.sample_ratio.broken && <Alert color="red" title={t('report.broken')}>{t('report.brokenText')}</Alert>}
      <SimpleGrid cols={{ base: 2, md: 4 }}>
        <Figure label={t('report.messages')} value={format.number(data.total)} />
        <Figure label={t('report.leftOut')} value={format.number(left)} to={`?step=left_out`} />
        <Figure label={t('forecast.cost')} value={format.number(data.cost_minor / 100, 2)} />
        <Figure label={t('report.score')} value={isMissing(data.score) ? '—' : format.number(data.score.value, 0)} />
      </SimpleGrid>
      <Grid>
        <Grid.Col span={{ base: 12, md: 6 }}><Section title={t('report.funnel')}>{treated && <Funnel group={treated} />}</Section></Grid.Col>
        <Grid.Col span={{ base: 12, md: 6 }}><Rates data={data} /></Grid.Col>
      </Grid>
      <Section title={t('report.lift')}>
        {data.lifts.length === 0 ? <Text size="sm" c="dimmed">{t('report.noLift')}</Text> : (
          <Table fz="sm" aria-label={t('report.lift')}>
            <Table.Thead><Table.Tr>{(['report.group', 'report.what', 'report.treated', 'report.controlGroup', 'report.difference', 'report.incremental'] as Key[]).map((key) => <Table.Th key={key}>{t(key)}</Table.Th>)}</Table.Tr></Table.Thead>
            <Table.Tbody>
              {data.lifts.map((lift, at) => <LiftRow key={at} lift={lift} estimate={estimate} />)}
            </Table.Tbody>
          </Table>
        )}
      </Section>
      <ChannelTable name={name} data={data} />
    </Stack>
  );
}

function LiftRow({ lift, estimate }: { lift: ReportData['lifts'][number]; estimate: ReturnType<typeof useEstimate> }) {
  const { code } = useSpeech();
  const format = useFormat();
  const counted = (count: { hits: number; of: number }) => `${format.number(count.hits)} / ${format.number(count.of)}`;
  return (
    <Table.Tr>
      <Table.Td>{code('group', lift.group)}</Table.Td>
      <Table.Td>{code('conversion', lift.conversion)}</Table.Td>
      <Table.Td>{counted(lift.treated)}</Table.Td>
      <Table.Td>{counted(lift.control)}</Table.Td>
      <Table.Td>{estimate(lift.difference)}</Table.Td>
      <Table.Td>{estimate(lift.incremental, (n) => format.number(n, 0))}</Table.Td>
    </Table.Tr>
  );
}

function Funnel({ group }: { group: Group }) {
  const { t, code } = useSpeech();
  const format = useFormat();
  return (
    <Bars label={t('report.funnel')} total={group.assigned} bars={FUNNEL.map((step) => ({
      label: code('step', step),
      value: group[step],
      to: `?step=${step}`,
      note: group.assigned ? format.percent(group[step] / group.assigned) : undefined,
    }))} />
  );
}

function Rates({ data }: { data: ReportData }) {
  const { t, code } = useSpeech();
  const format = useFormat();
  const estimate = useEstimate();
  return (
    <Section title={t('report.rates')}>
      <Table fz="sm" aria-label={t('report.rates')}>
        <Table.Thead><Table.Tr><Table.Th>{t('report.rate')}</Table.Th><Table.Th ta="right">{t('common.count')}</Table.Th><Table.Th>{t('report.share')}</Table.Th></Table.Tr></Table.Thead>
        <Table.Tbody>
          {data.rates.map((rate) => (
            <Table.Tr key={rate.name}>
              <Table.Td>{code('rate', rate.name)}</Table.Td>
              <Table.Td ta="right">{format.number(rate.hits)} / {format.number(rate.of)}</Table.Td>
              <Table.Td>{estimate(rate.share)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Section>
  );
}

function ChannelTable({ name, data }: { name: string; data: ReportData }) {
  const { t, code } = useSpeech();
  const format = useFormat();
  return (
    <Section title={t('report.channels')}>
      <DataTable label={t('report.channels')} rows={data.channels} id={(row) => row.channel} columns={[
        { name: 'channel', title: t('common.channel'), cell: (row) => <Anchor component={Link} size="sm" to={`/outbox?campaign=${encodeURIComponent(name)}&channel=${row.channel}`}>{code('channel', row.channel)}</Anchor> },
        ...(['sent', 'arrived', 'opened', 'clicked', 'responded'] as const).map((step) => ({
          name: step, title: code('step', step), right: true, order: (row: ReportData['channels'][number]) => row[step], cell: (row: ReportData['channels'][number]) => format.number(row[step]),
        })),
        { name: 'units', title: t('report.units'), right: true, cell: (row) => format.number(row.units) },
        { name: 'cost', title: t('forecast.cost'), right: true, cell: (row) => format.number(row.cost_minor / 100, 2) },
      ]} />
    </Section>
  );
}
