// A month or a week of campaigns; days on which two campaigns write to the same segment are marked; drafts can be moved.
import { ActionIcon, Alert, Box, Button, Group, List, SegmentedControl, Stack, Table, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { call, type Schemas } from '../api/client';
import { useAct, useAsk } from '../api/hooks';
import { localeOf, useFormat } from '../format';
import { addWords, useSpeech } from '../i18n';
import { days } from '../i18n/words/days';
import { useFilter } from '../ui/filter';
import { Asked, Page, Problem } from '../ui/Page';
import { dayAfter, daysOf, monthAfter, today, weekOf } from './calendar-days';
import { Entry, useMoves, type Item, type Moves } from './CalendarEntry';

addWords(days);
type Data = Schemas['Calendar'];

interface Shown { weeks: string[][]; month: string; data: Data; moves: Moves }

function Grid({ weeks, month, data, moves }: Shown) {
  const { t, language } = useSpeech();
  const weekday = new Intl.DateTimeFormat(localeOf(language), { weekday: 'short', timeZone: 'UTC' });
  const conflicting = new Set(data.conflicts.map((one) => one.day));
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
                {data.items.filter((item) => item.day === day).map((item) => <Entry key={`${item.campaign} ${item.time}`} item={item} moves={moves} whole={weeks.length === 1} />)}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

// On a phone: only the days on which something happens.
function Agenda({ weeks, data, moves }: Shown) {
  const { t } = useSpeech();
  const format = useFormat();
  const busy = weeks.flat().filter((day) => data.items.some((item) => item.day === day));
  if (busy.length === 0) return <Text size="sm" c="dimmed">{t('common.nothing')}</Text>;
  return (
    <Stack gap="xs" role="list" aria-label={t('nav.calendar')}>
      {busy.map((day) => (
        <Box key={day} role="listitem">
          <Text size="sm" fw={600}>{format.date(day)}{data.conflicts.some((one) => one.day === day) && <> ⚠ {t('calendar.conflict')}</>}</Text>
          {data.items.filter((item) => item.day === day).map((item) => <Entry key={`${item.campaign} ${item.time}`} item={item} moves={moves} whole />)}
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
  const format = useFormat();
  const [filter, setFilter] = useFilter(['view', 'month', 'day']);
  const view = filter.view === 'week' ? 'week' : 'month';
  const day = /^\d{4}-\d{2}-\d{2}$/.test(filter.day) ? filter.day : today();
  const month = /^\d{4}-\d{2}$/.test(filter.month) ? filter.month : today().slice(0, 7);
  const weeks = view === 'week' ? [weekOf(day)] : daysOf(month);
  const calendar = useAsk('/calendar', { query: { from: weeks[0]![0]!, to: weeks.at(-1)!.at(-1)! } }, { keep: true });
  const move = useAct(async ({ item, to }: { item: Item; to: string }) => {
    await call('post', '/campaigns/{name}/move', { path: { name: item.campaign }, body: { date: to } });
    notifications.show({ message: t('calendar.moved', { title: item.title || item.campaign, date: format.date(to) }), color: 'green' });
  });
  const moves = useMoves((item, to) => move.mutate({ item, to }));
  const shown = (data: Data): Shown => ({ weeks, month: view === 'week' ? '' : month, data, moves });
  return (
    <Page title={t('nav.calendar')} actions={<Turn view={view} month={month} day={day} set={setFilter} />}>
      {move.error ? <Problem error={move.error} /> : null}
      <Asked query={calendar}>{(data) => (
        <>
          <Box visibleFrom="sm"><Grid {...shown(data)} /></Box>
          <Box hiddenFrom="sm"><Agenda {...shown(data)} /></Box>
          <Text size="sm" role="status" mih={22}>{moves.said}</Text>
          <Text size="sm" c="dimmed">{t('calendar.zone', { zone: data.zone })} {t('calendar.how')}</Text>
          {data.conflicts.length > 0 && (
            <Alert color="orange" title={t('calendar.conflicts')}>
              <List size="sm">{data.conflicts.map((one) => <List.Item key={`${one.day} ${one.segment}`}>{format.date(one.day)}, {one.segment}: {one.campaigns.join(', ')}</List.Item>)}</List>
            </Alert>
          )}
        </>
      )}</Asked>
    </Page>
  );
}
