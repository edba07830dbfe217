// Two to ten campaigns side by side, the most effective first.
import { Anchor, Group, Stack, Table, Text } from '@mantine/core';
import { useCallback } from 'react';
import { Link, useSearchParams } from 'react-router';
import { useAsk, useTitles } from '../../api/hooks';
import { Chart } from '../../charts/Chart';
import type { Look } from '../../charts/look';
import { intervals, type Range } from '../../charts/options';
import { useFormat } from '../../format';
import { useSpeech } from '../../i18n';
import { CampaignState } from '../../ui/Marks';
import { Asked, Section } from '../../ui/Page';
import { Download } from './Download';
import { Differences } from './Effect';
import { rangeOf, useEstimate } from './estimates';
import { isMissing, type Estimate, type Maybe, type ReportData } from './report-data';

export function Compare() {
  const { t } = useSpeech();
  const [parameters] = useSearchParams();
  const names = parameters.get('names') ?? '';
  const asked = useAsk('/reports/comparison', { query: { names } });
  return (
    <Stack gap="lg">
      <Group justify="space-between">
        <Anchor component={Link} to="/reports" size="sm">{t('reports.other')}</Anchor>
        <Download path="/reports/comparison" query={{ names }} />
      </Group>
      <Asked query={asked}>{(data) => <Side all={(data as unknown as { campaigns: ReportData[] }).campaigns} />}</Asked>
    </Stack>
  );
}

const liftOf = (one: ReportData): Maybe<Estimate> => one.lifts.find((lift) => lift.group === 'treated' && lift.conversion === 'goal')?.difference ?? { missing: 'no_control' };
const rateOf = (one: ReportData, name: string): Maybe<Estimate> => one.rates.find((rate) => rate.name === name)?.share ?? { missing: 'nobody' };
const known = (all: ReportData[], titleOf: (name: string) => string, of: (one: ReportData) => Maybe<Estimate>): Range[] =>
  all.flatMap((one) => { const value = of(one); return isMissing(value) ? [] : [rangeOf(titleOf(one.campaign), value)]; });

function Ranged({ label, ranges, show }: { label: string; ranges: Range[]; show: (n: number) => string }) {
  const { t, language } = useSpeech();
  const same = JSON.stringify(ranges);
  const draw = useCallback((look: Look) => intervals(look, ranges, show),
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [same, language]);
  if (ranges.length === 0) return null;
  return (
    <Section title={label}>
      <Chart label={label} draw={draw} height={56 + 44 * ranges.length} figures={{ head: [t('common.campaign'), t('report.share')], rows: ranges.map((one) => [one.label, `${show(one.value)} (${show(one.low)} … ${show(one.high)})`]) }} />
    </Section>
  );
}

function Side({ all }: { all: ReportData[] }) {
  const { t, code } = useSpeech();
  const format = useFormat();
  const estimate = useEstimate();
  const titleOf = useTitles(all.map((one) => one.campaign));
  const lifts = known(all, titleOf, liftOf);
  const scores = known(all, titleOf, (one) => one.score);
  const head = [t('common.campaign'), t('common.state'), t('report.score'), t('bank.clients'), code('rate', 'delivery'), code('rate', 'response'), code('rate', 'goal'), t('report.difference'), t('forecast.cost')];
  return (
    <>
      <Section title={t('reports.compared')}>
        <Table.ScrollContainer minWidth={760} scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': t('reports.compared') } }}>
          <Table fz="sm" verticalSpacing={6} aria-label={t('reports.compared')}>
            <Table.Thead><Table.Tr>{head.map((one) => <Table.Th key={one}>{one}</Table.Th>)}</Table.Tr></Table.Thead>
            <Table.Tbody>
              {all.map((one) => (
                <Table.Tr key={one.campaign}>
                  <Table.Td><Anchor component={Link} size="sm" to={`/campaigns/${one.campaign}/report`}>{titleOf(one.campaign)}</Anchor></Table.Td>
                  <Table.Td><CampaignState state={one.state} /></Table.Td>
                  <Table.Td>{isMissing(one.score) ? code('lack', one.score.missing) : estimate(one.score, (n) => format.number(n))}</Table.Td>
                  <Table.Td><Anchor component={Link} size="sm" underline="always" to={`/campaigns/${one.campaign}/report?step=assigned`}>{format.number(one.groups[0]?.assigned ?? 0)}</Anchor></Table.Td>
                  {['delivery', 'response', 'goal'].map((name) => <Table.Td key={name}>{estimate(rateOf(one, name))}</Table.Td>)}
                  <Table.Td>{estimate(liftOf(one))}</Table.Td>
                  <Table.Td>{format.minor(one.cost_minor, one.currency)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      </Section>
      {lifts.length === 0 && <Text size="sm" c="dimmed">{t('reports.noScores')}</Text>}
      <Ranged label={t('reports.scoreChart')} ranges={scores} show={(n) => format.number(n)} />
      {lifts.length > 0 && <Section title={t('reports.liftChart')}><Differences label={t('reports.liftChart')} ranges={lifts} figures={{ head: [t('common.campaign'), t('report.difference')], rows: lifts.map((one) => [one.label, estimate({ value: one.value, interval: [one.low, one.high] })]) }} /></Section>}
      <Ranged label={t('reports.responseChart')} ranges={known(all, titleOf, (one) => rateOf(one, 'response'))} show={format.percent} />
    </>
  );
}
