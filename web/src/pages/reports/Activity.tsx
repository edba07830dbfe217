// When and on what people acted: opens and clicks over time, by hour of their week, by link. Programs are counted apart.
import { Checkbox, Group, SegmentedControl, Stack, Table, Text } from '@mantine/core';
import { useCallback, useState } from 'react';
import type { Schemas } from '../../api/client';
import { useAsk } from '../../api/hooks';
import { Chart } from '../../charts/Chart';
import type { Look } from '../../charts/look';
import { heat, lines } from '../../charts/options';
import { localeOf, useFormat } from '../../format';
import { useSpeech } from '../../i18n';
import { useFilter } from '../../ui/filter';
import { Asked, Section } from '../../ui/Page';
import { byWeek, eachPeriod, weekdaysIn } from './activity-data';

type Points = Schemas['Activity']['points'];
const SPANS = ['hour', 'day'] as const;
const ACTS = ['opens', 'clicks'] as const;
const EVERY_MS = 60_000;

export function Activity({ name }: { name: string }) {
  const { t } = useSpeech();
  const [robots, setRobots] = useState(false);
  return (
    <Section title={t('activity.title')} actions={<Checkbox size="xs" label={t('activity.robots')} checked={robots} onChange={(event) => setRobots(event.currentTarget.checked)} />}>
      <Stack gap="lg">
        <OverTime name={name} robots={robots} />
        <OfTheWeek name={name} robots={robots} />
        <ByLink name={name} />
      </Stack>
    </Section>
  );
}

function OverTime({ name, robots }: { name: string; robots: boolean }) {
  const { t } = useSpeech();
  const [filter, setFilter] = useFilter(['span']);
  const span = filter.span === 'hour' ? 'hour' : 'day';
  const activity = useAsk('/campaigns/{name}/report/activity', { path: { name }, query: { by: span } }, { keep: true, every: EVERY_MS });
  return (
    <Asked query={activity}>{(data) => data.points.length === 0 ? <Text size="sm" c="dimmed">{t('activity.none')}</Text> : (
      <Stack gap={4}>
        <Group justify="space-between">
          <Text size="sm" fw={600}>{t('activity.overTime')}</Text>
          <SegmentedControl size="xs" aria-label={t('activity.span')} value={span} data={SPANS.map((value) => ({ value, label: t(`activity.${value}`) }))} onChange={(value) => setFilter({ span: value === 'day' ? '' : value })} />
        </Group>
        <TimeChart points={data.points} span={span} zone={data.zone} robots={robots} />
      </Stack>
    )}</Asked>
  );
}

function TimeChart({ points, span, zone, robots }: { points: Points; span: 'hour' | 'day'; zone: string; robots: boolean }) {
  const { t, language } = useSpeech();
  const format = useFormat();
  const when = new Intl.DateTimeFormat(localeOf(language), { day: '2-digit', month: '2-digit', timeZone: zone, ...(span === 'hour' ? { hour: '2-digit', minute: '2-digit' } : { year: 'numeric' }) });
  const shown = [...ACTS, ...(robots ? (['opens_robots', 'clicks_robots'] as const) : [])];
  const draw = useCallback((look: Look) => {
    const periods = eachPeriod(points, span);
    const drawn = lines(look, periods.map((one) => when.format(new Date(one.at))), shown.map((act) => ({ name: t(`activity.${act}`), values: periods.map((one) => one[act]) })), (n) => format.number(n));
    return { ...drawn, yAxis: { ...(drawn.yAxis as object), scale: false, minInterval: 1 } }; // counts begin at nought
    // The words follow the language; the functions are made anew at each turn.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [points, span, zone, robots, language]);
  return (
    <Chart label={t('activity.overTimeText', { zone })} draw={draw} height={240}
      figures={{ head: [t('common.when'), ...shown.map((act) => t(`activity.${act}`))], rows: points.map((one) => [when.format(new Date(one.at!)), ...shown.map((act) => format.number(one[act] ?? 0))]) }} />
  );
}

function OfTheWeek({ name, robots }: { name: string; robots: boolean }) {
  const { t } = useSpeech();
  const activity = useAsk('/campaigns/{name}/report/activity', { path: { name }, query: { by: 'weekday_hour' } }, { keep: true, every: EVERY_MS });
  return (
    <Asked query={activity}>{(data) => data.points.length > 0 && (
      <Stack gap={4}>
        <Text size="sm" fw={600}>{t('activity.ofTheWeek')}</Text>
        <Week points={data.points} robots={robots} />
      </Stack>
    )}</Asked>
  );
}

const HOURS = Array.from({ length: 24 }, (_, hour) => String(hour).padStart(2, '0'));

function Week({ points, robots }: { points: Points; robots: boolean }) {
  const { t, language } = useSpeech();
  const format = useFormat();
  const [act, setAct] = useState<(typeof ACTS)[number]>('opens');
  const days = weekdaysIn(localeOf(language));
  const cells = byWeek(points, act, robots);
  const draw = useCallback((look: Look) => heat(look, HOURS, days, cells.map(({ hour, day, count }) => [hour, day, count]), (n) => format.number(n)),
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [points, act, robots, language]);
  return (
    <>
      <SegmentedControl size="xs" w="fit-content" aria-label={t('activity.act')} value={act} data={ACTS.map((value) => ({ value, label: t(`activity.${value}`) }))} onChange={(value) => setAct(value as typeof act)} />
      <Chart label={`${t('activity.ofTheWeekText')}: ${t(`activity.${act}`)}`} draw={draw} height={220}
        figures={{ head: [t('activity.weekday'), t('activity.hourOf'), t(`activity.${act}`)], rows: cells.filter(({ count }) => count > 0).map(({ hour, day, count }) => [days[day], `${HOURS[hour]}:00`, format.number(count)]) }} />
    </>
  );
}

function ByLink({ name }: { name: string }) {
  const { t } = useSpeech();
  const format = useFormat();
  const activity = useAsk('/campaigns/{name}/report/activity', { path: { name }, query: { by: 'link' } }, { keep: true, every: EVERY_MS });
  return (
    <Asked query={activity}>{(data) => data.points.length > 0 && (
      <Stack gap={4}>
        <Text size="sm" fw={600}>{t('activity.byLink')}</Text>
        <Table fz="sm" aria-label={t('activity.byLink')}>
          <Table.Thead><Table.Tr><Table.Th>{t('activity.link')}</Table.Th><Table.Th ta="right">{t('activity.clicks')}</Table.Th><Table.Th ta="right">{t('activity.clicks_robots')}</Table.Th></Table.Tr></Table.Thead>
          <Table.Tbody>
            {data.points.map((one) => <Table.Tr key={one.link}><Table.Td style={{ overflowWrap: 'anywhere' }}>{one.link}</Table.Td><Table.Td ta="right">{format.number(one.clicks)}</Table.Td><Table.Td ta="right">{format.number(one.clicks_robots)}</Table.Td></Table.Tr>)}
          </Table.Tbody>
        </Table>
      </Stack>
    )}</Asked>
  );
}
