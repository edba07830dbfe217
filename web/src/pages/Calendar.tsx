// A month of campaigns; days on which two campaigns write to the same segment are marked.
import { ActionIcon, Alert, Anchor, Group, List, Table, Text } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { Link } from 'react-router';
import type { Schemas } from '../api/client';
import { useAsk } from '../api/hooks';
import { localeOf, useFormat } from '../format';
import { useSpeech } from '../i18n';
import { useFilter } from '../ui/filter';
import { Asked, Page } from '../ui/Page';
import { daysOf, monthAfter, thisMonth } from './calendar-days';

type Data = Schemas['Calendar'];

function Month({ month, data }: { month: string; data: Data }) {
  const { t, language } = useSpeech();
  const weeks = daysOf(month);
  const weekday = new Intl.DateTimeFormat(localeOf(language), { weekday: 'short', timeZone: 'UTC' });
  const conflicting = new Set(data.conflicts.map((one) => one.day));
  return (
    <Table withTableBorder withColumnBorders layout="fixed" fz="xs" aria-label={t('nav.calendar')}>
      <Table.Thead><Table.Tr>{weeks[0]!.map((day) => <Table.Th key={day}>{weekday.format(new Date(`${day}T00:00:00Z`))}</Table.Th>)}</Table.Tr></Table.Thead>
      <Table.Tbody>
        {weeks.map((week) => (
          <Table.Tr key={week[0]}>
            {week.map((day) => (
              <Table.Td key={day} h={84} style={{ verticalAlign: 'top' }} bg={conflicting.has(day) ? 'var(--mantine-color-orange-light)' : undefined}>
                <Text size="xs" c={day.startsWith(month) ? undefined : 'dimmed'} fw={600}>{Number(day.slice(8))}{conflicting.has(day) && <Text span size="xs"> ⚠ {t('calendar.conflict')}</Text>}</Text>
                {data.items.filter((item) => item.day === day).map((item) => (
                  <Anchor key={`${item.campaign} ${item.time}`} component={Link} to={`/campaigns/${item.campaign}`} size="xs" display="block" truncate title={item.title}>{item.time} {item.title || item.campaign}</Anchor>
                ))}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

export default function Calendar() {
  const { t, language } = useSpeech();
  const format = useFormat();
  const [filter, setFilter] = useFilter(['month']);
  const month = /^\d{4}-\d{2}$/.test(filter.month) ? filter.month : thisMonth();
  const weeks = daysOf(month);
  const calendar = useAsk('/calendar', { query: { from: weeks[0]![0]!, to: weeks.at(-1)!.at(-1)! } }, { keep: true });
  const title = new Intl.DateTimeFormat(localeOf(language), { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${month}-01T00:00:00Z`));
  return (
    <Page title={t('nav.calendar')} actions={
      <Group gap="xs">
        <ActionIcon variant="default" aria-label={t('calendar.before')} onClick={() => setFilter({ month: monthAfter(month, -1) })}><IconChevronLeft size={16} aria-hidden /></ActionIcon>
        <Text fw={600} w={150} ta="center" aria-live="polite">{title}</Text>
        <ActionIcon variant="default" aria-label={t('calendar.after')} onClick={() => setFilter({ month: monthAfter(month, 1) })}><IconChevronRight size={16} aria-hidden /></ActionIcon>
      </Group>
    }>
      <Asked query={calendar}>{(data) => (
        <>
          <Month month={month} data={data} />
          <Text size="sm" c="dimmed">{t('calendar.zone', { zone: data.zone })}</Text>
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
