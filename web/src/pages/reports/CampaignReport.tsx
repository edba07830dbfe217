// What the campaign brought: the funnel with the clients behind each number, the difference to the control group, channels.
import { Alert, Anchor, Grid, Group as Row, MultiSelect, Select, SimpleGrid, Stack, Text } from '@mantine/core';
import { useCallback } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { useAsk, usePages } from '../../api/hooks';
import { Chart } from '../../charts/Chart';
import type { Look } from '../../charts/look';
import { bars } from '../../charts/options';
import { useFormat } from '../../format';
import { addWords, useSpeech } from '../../i18n';
import { reports } from '../../i18n/words/reports';
import { DataTable } from '../../ui/DataTable';
import { useFilter } from '../../ui/filter';
import { Figure } from '../../ui/Marks';
import { Asked, Empty, Section } from '../../ui/Page';
import { Activity } from './Activity';
import { Download } from './Download';
import { Effect, Slices, Variants } from './Effect';
import { FUNNEL, isMissing, STEPS, type Group, type ReportData, type Step } from './report-data';
import { Channels, Plan, Rates, Responses } from './Tables';

addWords(reports);
const DIVISIONS = ['branch', 'manager', 'value_class', 'status', 'industry', 'product', 'segment'] as const;
const CREDIT = ['last', 'first', 'linear'] as const;

export function Report({ name }: { name: string }) {
  const [parameters] = useSearchParams();
  const [filter, setFilter] = useFilter(['by', 'attribution']);
  const step = STEPS.find((one) => one === parameters.get('step'));
  const attribution = CREDIT.find((one) => one === filter.attribution);
  const query = { by: filter.by || undefined, attribution };
  const report = useAsk('/campaigns/{name}/report', { path: { name }, query }, { enabled: !step, keep: true });
  if (step) return <Clients name={name} step={step} />;
  return (
    <Asked query={report}>{(data) => (
      <Stack>
        <Tools name={name} by={filter.by} attribution={attribution} set={setFilter} />
        <Content name={name} data={data as unknown as ReportData} />
      </Stack>
    )}</Asked>
  );
}

function Tools({ name, by, attribution, set }: { name: string; by: string; attribution: string | undefined; set: (change: Record<string, string>) => void }) {
  const { t, code } = useSpeech();
  return (
    <Row gap="sm" align="flex-end">
      <MultiSelect size="xs" miw={240} label={t('report.by')} placeholder={by ? undefined : t('report.byHint')} maxValues={3} value={by ? by.split(',') : []}
        data={DIVISIONS.map((value) => ({ value, label: code('by', value) }))} onChange={(chosen) => set({ by: chosen.join(',') })} />
      <Select size="xs" w={190} label={t('report.attribution')} allowDeselect={false} value={attribution ?? 'last'}
        data={CREDIT.map((value) => ({ value, label: t(`report.${value}`) }))} onChange={(value) => set({ attribution: value === 'last' ? '' : (value ?? '') })} />
      <Download path={`/campaigns/${encodeURIComponent(name)}/report/export`} query={{ by, attribution }} />
    </Row>
  );
}

function Clients({ name, step }: { name: string; step: Step }) {
  const { t, code } = useSpeech();
  const pages = usePages('/campaigns/{name}/report/clients', { path: { name }, query: { step } });
  return (
    <Section title={t('report.clients', { step: code('step', step) })} actions={<Anchor component={Link} size="sm" to={`/campaigns/${name}/report`}>{t('report.back')}</Anchor>}>
      <DataTable label={t('report.clients', { step: code('step', step) })} rows={pages.items} error={pages.error} turning={pages.turning}
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

function Content({ name, data }: { name: string; data: ReportData }) {
  const { t } = useSpeech();
  const format = useFormat();
  const treated = data.groups.find((group) => group.name === 'treated') ?? data.groups[0];
  return (
    <Stack gap="lg">
      {!isMissing(data.sample_ratio) && data.sample_ratio.broken && <Alert color="red" title={t('report.broken')}>{t('report.brokenText')}</Alert>}
      <Text size="sm" c="dimmed">{data.goal.event ? t('report.goalIs', { goal: data.goal.event }) : t('report.goalAny')}</Text>
      <SimpleGrid cols={{ base: 2, md: 4 }}>
        <Figure label={t('report.messages')} value={format.number(data.total)} to={`/outbox?campaign=${encodeURIComponent(name)}`} />
        <Figure label={t('report.leftOut')} value={format.number(data.left_out)} to="?step=left_out" />
        <Figure label={t('forecast.cost')} value={format.minor(data.cost_minor, data.currency)} />
        <Score score={data.score} />
      </SimpleGrid>
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 6 }}>{treated && <Funnel group={treated} />}</Grid.Col>
        <Grid.Col span={{ base: 12, md: 6 }}><Rates data={data} /></Grid.Col>
      </Grid>
      <Effect data={data} />
      {data.plan && data.plan.figures.length > 0 && <Plan plan={data.plan} />}
      <Variants data={data} />
      {data.breakdowns?.map((one) => <Slices key={one.by} breakdown={one} />)}
      <Channels name={name} data={data} />
      <Activity name={name} />
      <Responses data={data} />
    </Stack>
  );
}

function Score({ score }: { score: ReportData['score'] }) {
  const { t, code } = useSpeech();
  const format = useFormat();
  if (isMissing(score)) return <div><Figure label={t('report.score')} value="—" /><Text size="xs" c="dimmed">{code('lack', score.missing)}</Text></div>;
  return (
    <div>
      <Figure label={t('report.score')} value={t('report.scoreOf', { n: format.number(score.value) })} />
      <Text size="xs" c="dimmed">
        {t('report.between', { low: format.number(score.interval[0]), high: format.number(score.interval[1]) })}
        {score.weight_known < 1 && <>; {t('report.known', { share: format.percent(score.weight_known) })}</>}
      </Text>
    </div>
  );
}

function Funnel({ group }: { group: Group }) {
  const { t, code, language } = useSpeech();
  const format = useFormat();
  const go = useNavigate();
  const draw = useCallback((look: Look) => bars(look, FUNNEL.map((step) => code('step', step)), FUNNEL.map((step) => group[step]), (n) => format.number(n)),
    // The words follow the language; the functions are made anew at each turn.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [group, language]);
  return (
    <Section title={t('report.funnel')}>
      <Chart label={t('report.funnelText')} draw={draw} height={250} pick={(at) => void go(`?step=${FUNNEL[at]!}`)} opened
        figures={{ head: [t('report.what'), t('bank.clients'), t('report.share')], rows: FUNNEL.map((step) => [
          code('step', step), <Anchor key={step} component={Link} to={`?step=${step}`} size="xs" underline="always">{format.number(group[step])}</Anchor>,
          group.assigned ? format.percent(group[step] / group.assigned) : '—']) }} />
    </Section>
  );
}
