// A month or a week of campaigns; days on which clients would be written to twice are marked; what has not started can be moved.
import { ActionIcon, Box, Button, Group, SegmentedControl, Stack, Table, Text } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import type { Schemas } from '../api/client';
import { useAsk } from '../api/hooks';
import { useMay } from '../app/session';
import { localeOf, useFormat } from '../format';
import { addWords, useSpeech } from '../i18n';
import { days } from '../i18n/words/days';
import { useFilter } from '../ui/filter';
import { Asked, Page, Problem } from '../ui/Page';
import { conflictsOf, isSure, type Conflict } from './calendar-conflicts';
import { dayAfter, dayIn, daysOf, monthAfter, today, weekOf } from './calendar-days';
import { Conflicts, Legend, useConflictWords, useOverlaps } from './CalendarConflicts';
import { Entry, useMoves, type Moves } from './CalendarEntry';
import { useMoving } from './CalendarMove';

addWords(days);
type Data = Schemas['Calendar'];

interface Shown { weeks: string[][]; month: string; data: Data; moves: Moves; conflicts: Conflict[] }

function Day({ day, data, moves, conflicts, whole }: Pick<Shown, 'data' | 'moves' | 'conflicts'> & { day: string; whole: boolean }) {
  const { line } = useConflictWords(data);
  const twice = (campaign: string) => conflicts.filter((one) => one.day === day && isSure(one) && one.campaigns.includes(campaign)).map((one) => line(one, campaign));
  return data.items.filter((item) => item.day === day).map((item) => <Entry key={`${item.campaign} ${item.time}`} item={item} moves={moves} whole={whole} twice={twice(item.campaign)} />);
}

const daysTwice = (conflicts: Conflict[]) => new Set(conflicts.filter(isSure).map((one) => one.day));

function Grid({ weeks, month, data, moves, conflicts }: Shown) {
  const { t, language } = useSpeech();
  const weekday = new Intl.DateTimeFormat(localeOf(language), { weekday: 'short', timeZone: 'UTC' });
  const conflicting = daysTwice(conflicts);
  const ground = (day: string) => (moves.aim === day ? 'var(--mantine-color-blue-light)' : conflicting.has(day) ? 'var(--mantine-color-orange-light)' : undefined);
  return (
    <Table withTableBorder withColumnBorders layout="fixed" fz="xs" aria-label={t('nav.calendar')}>
      <Table.Thead><Table.Tr>{weeks[0]!.map((day) => <Table.Th key={day}>{weekday.format(new Date(`${day}T00:00:00Z`))}</Table.Th>)}</Table.Tr></Table.Thead>
      <Table.Tbody>
        {weeks.map((week) => (
          <Table.Tr key={week[0]}>
            {week.map((day) => (
              <Table.Td key={day} h={weeks.length === 1 ? 320 : 84} style={{ verticalAlign: 'top' }} bg={ground(day)} data-day={day} {...moves.target(day)}>
                <Text size="xs" c={!month || day.startsWith(month) ? undefined : 'dimmed'} fw={day === today() ? 800 : 600} td={day === today() ? 'underline' : undefined}>
                  {Number(day.slice(8))}{conflicting.has(day) && <Text span size="xs"> ⚠ {t('calendar.conflict')}</Text>}
                </Text>
                <Day day={day} data={data} moves={moves} conflicts={conflicts} whole={weeks.length === 1} />
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

// On a phone: only the days on which something happens.
function Agenda({ weeks, data, moves, conflicts }: Shown) {
  const { t } = useSpeech();
  const format = useFormat();
  const conflicting = daysTwice(conflicts);
  const busy = weeks.flat().filter((day) => data.items.some((item) => item.day === day));
  if (busy.length === 0) return <Text size="sm" c="dimmed">{t('common.nothing')}</Text>;
  return (
    <Stack gap="xs" role="list" aria-label={t('nav.calendar')}>
      {busy.map((day) => (
        <Box key={day} role="listitem">
          <Text size="sm" fw={600}>{format.date(day)}{conflicting.has(day) && <> ⚠ {t('calendar.conflict')}</>}</Text>
          <Day day={day} data={data} moves={moves} conflicts={conflicts} whole />
        </Box>
      ))}
    </Stack>
  );
}

function Turn({ view, month, day, set }: { view: string; month: string; day: string; set: (change: { view?: string; month?: string; day?: string }) => void }) {
  const { t, language } = useSpeech();
  const format = useFormat();
  const isWeek = view === 'week';
  const turn = (by: number) => (isWeek ? set({ day: dayAfter(day, 7 * by) }) : set({ month: monthAfter(month, by) }));
  const title = isWeek ? format.date(weekOf(day)[0]!) : new Intl.DateTimeFormat(localeOf(language), { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${month}-01T00:00:00Z`));
  return (
    <Group gap="xs">
      <SegmentedControl size="xs" aria-label={t('nav.calendar')} value={view} data={[{ value: 'month', label: t('calendar.month') }, { value: 'week', label: t('calendar.week') }]}
        onChange={(value) => set({ view: value === 'month' ? '' : value, day: value === 'week' ? (month === today().slice(0, 7) ? today() : `${month}-01`) : '', month: value === 'month' ? day.slice(0, 7) : '' })} />
      <Button size="xs" variant="default" onClick={() => set({ month: '', day: '' })}>{t('calendar.today')}</Button>
      <Group gap="xs" wrap="nowrap">
        <ActionIcon variant="default" aria-label={t(isWeek ? 'calendar.weekBefore' : 'calendar.before')} onClick={() => turn(-1)}><IconChevronLeft size={16} aria-hidden /></ActionIcon>
        <Text fw={600} miw={150} ta="center" aria-live="polite">{title}</Text>
        <ActionIcon variant="default" aria-label={t(isWeek ? 'calendar.weekAfter' : 'calendar.after')} onClick={() => turn(1)}><IconChevronRight size={16} aria-hidden /></ActionIcon>
      </Group>
    </Group>
  );
}

export default function Calendar() {
  const { t } = useSpeech();
  const may = useMay();
  const [filter, setFilter] = useFilter(['view', 'month', 'day']);
  const view = filter.view === 'week' ? 'week' : 'month';
  const day = /^\d{4}-\d{2}-\d{2}$/.test(filter.day) ? filter.day : today();
  const month = /^\d{4}-\d{2}$/.test(filter.month) ? filter.month : today().slice(0, 7);
  const weeks = view === 'week' ? [weekOf(day)] : daysOf(month);
  const span = { from: weeks[0]![0]!, to: weeks.at(-1)!.at(-1)! };
  const calendar = useAsk('/calendar', { query: span }, { keep: true });
  const overlaps = useOverlaps(span, calendar.isSuccess);
  const moving = useMoving();
  const moves = useMoves(moving.move, calendar.data ? dayIn(calendar.data.zone, calendar.data.now) : '');
  const shown = (data: Data): Shown => ({ weeks, month: view === 'week' ? '' : month, data, moves, conflicts: conflictsOf(data, overlaps.data) });
  return (
    <Page title={t('nav.calendar')} actions={<Turn view={view} month={month} day={day} set={setFilter} />}>
      {moving.error ? <Problem error={moving.error} /> : null}
      {moving.dialog}
      <Asked query={calendar}>{(data) => (
        <>
          <Box visibleFrom="sm"><Grid {...shown(data)} /></Box>
          <Box hiddenFrom="sm"><Agenda {...shown(data)} /></Box>
          <Legend movable={data.items.some(moves.movable)} counting={overlaps.isFetching} />
          <Text size="sm" role="status" mih={22}>{moves.said}</Text>
          {overlaps.error ? <Problem error={overlaps.error} /> : null}
          <Conflicts data={data} conflicts={conflictsOf(data, overlaps.data)} leftOff={overlaps.data?.left_off ?? 0} />
          <Text size="sm" c="dimmed">{t('calendar.zone', { zone: data.zone })} {may('campaigns.edit') && t('calendar.how')}</Text>
        </>
      )}</Asked>
    </Page>
  );
}
