// A dense table: sorted by a click on a heading, rows selected for what is done with many (also over several pages), turned page by
// page, an empty state that teaches.
import { Box, Button, Checkbox, Group, Table, Text, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconChevronLeft, IconChevronRight, IconChevronsLeft } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import type { Turning } from '../api/hooks';
import { useSpeech } from '../i18n';
import { Bulk, type BulkAction } from './Bulk';
import { Empty, Loading, Problem } from './Page';

const COLUMN_MIN = 90; // pixels; where there is less room the table is scrolled, not squeezed

export interface Column<T> {
  name: string;
  title: string;
  cell: (row: T) => ReactNode;
  order?: (row: T) => string | number; // given: the column sorts
  right?: boolean;
}

interface Props<T> {
  label: string;
  columns: Column<T>[];
  rows: T[] | undefined;
  id: (row: T) => string | number;
  empty?: ReactNode;
  error?: unknown;
  bulk?: { actions: BulkAction<T>[]; what: (row: T) => string }; // rows can be selected
  turning?: Turning; // one page of several, of usePages()
  more?: { has: boolean; busy: boolean; load: () => void }; // more below, of useEndless()
}

type Id = string | number;

// What is selected stays so on other pages of the same list, and is forgotten with it.
function useChosen<T>(rows: T[], id: (row: T) => Id, list: string) {
  const [chosen, setChosen] = useState<{ list: string; rows: ReadonlyMap<Id, T> }>({ list, rows: new Map() });
  if (chosen.list !== list) setChosen({ list, rows: new Map() });
  const shown = new Map(rows.map((row) => [id(row), row]));
  const change = (some: T[], wanted: boolean) => setChosen((now) => {
    const next = new Map(now.rows);
    for (const row of some)
      if (wanted) next.set(id(row), row);
      else next.delete(id(row));
    return { ...now, rows: next };
  });
  return {
    has: (row: T) => chosen.rows.has(id(row)),
    here: rows.filter((row) => chosen.rows.has(id(row))).length,
    // As they are now, where they are shown.
    rows: [...chosen.rows].map(([one, row]) => shown.get(one) ?? row),
    change,
    clear: () => setChosen({ list, rows: new Map() }),
  };
}

const compare = (a: string | number, b: string | number) =>
  typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));

export function DataTable<T>({ label, columns, rows, id, empty, error, turning, more, bulk }: Props<T>) {
  const { t } = useSpeech();
  const [by, setBy] = useState<{ name: string; down: boolean }>();
  const chosen = useChosen(rows ?? [], id, turning?.of ?? '');
  if (error && !rows) return <><Problem error={error} />{turning && <Turn {...turning} next={undefined} />}</>;
  if (!rows) return <Loading />;
  if (rows.length === 0) return <>{empty ?? <Empty title={t('common.nothing')} />}{turning && <Turn {...turning} />}</>;
  const order = columns.find((column) => column.name === by?.name)?.order;
  const sorted = order ? [...rows].sort((a, b) => compare(order(a), order(b)) * (by?.down ? -1 : 1)) : rows;
  const heading = (column: Column<T>) => {
    if (!column.order) return column.title;
    const mine = by?.name === column.name;
    return (
      <UnstyledButton fz="sm" fw={600} onClick={() => setBy({ name: column.name, down: mine && !by.down })}>
        <Group gap={4} wrap="nowrap" component="span">
          {column.title}
          {mine && (by.down ? <IconArrowDown size={14} aria-hidden /> : <IconArrowUp size={14} aria-hidden />)}
        </Group>
      </UnstyledButton>
    );
  };
  const select = bulk && bulk.actions.length > 0 ? bulk : undefined;
  const sortOf = (column: Column<T>) =>
    by?.name !== column.name ? undefined : by.down ? ('descending' as const) : ('ascending' as const);
  return (
    <Box>
      {error ? <Problem error={error} /> : null}
      {select && chosen.rows.length > 0 && <Bulk rows={chosen.rows} actions={select.actions} clear={chosen.clear} />}
      <Table.ScrollContainer minWidth={Math.max(480, columns.length * COLUMN_MIN)} scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': label } }}>
        <Table aria-label={label} verticalSpacing={6} horizontalSpacing="sm" highlightOnHover fz="sm">
          <Table.Thead>
            <Table.Tr>
              {select && (
                <Table.Th w={32}>
                  <Checkbox size="xs" aria-label={t('bulk.all')} checked={chosen.here === rows.length} indeterminate={chosen.here > 0 && chosen.here < rows.length}
                    onChange={(event) => chosen.change(rows, event.currentTarget.checked)} />
                </Table.Th>
              )}
              {columns.map((column) => (
                <Table.Th key={column.name} ta={column.right ? 'right' : undefined} aria-sort={sortOf(column)}>
                  {heading(column)}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {sorted.map((row) => (
              <Table.Tr key={id(row)} bg={select && chosen.has(row) ? 'var(--mantine-color-blue-light)' : undefined}>
                {select && <Table.Td><Checkbox size="xs" aria-label={t('bulk.one', { what: select.what(row) })} checked={chosen.has(row)} onChange={(event) => chosen.change([row], event.currentTarget.checked)} /></Table.Td>}
                {columns.map((column) => (
                  <Table.Td key={column.name} ta={column.right ? 'right' : undefined}>{column.cell(row)}</Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {turning && <Turn {...turning} sorted={by !== undefined} />}
      {more?.has && (
        <Group justify="center" mt="sm">
          <Button variant="default" size="xs" loading={more.busy} onClick={more.load}>{t('common.more')}</Button>
        </Group>
      )}
    </Box>
  );
}

function Turn({ at, busy, next, before, first, sorted = false }: Turning & { sorted?: boolean }) {
  const { t } = useSpeech();
  if (!next && !first) return null;
  return (
    <Group component="nav" justify="center" gap="xs" mt="sm" aria-label={t('pages.turn')} data-testid="pages-of-list">
      {first && (!before || at > 2) && <Button variant="default" size="xs" leftSection={<IconChevronsLeft size={14} aria-hidden />} onClick={first}>{t('pages.first')}</Button>}
      {before && <Button variant="default" size="xs" leftSection={<IconChevronLeft size={14} aria-hidden />} onClick={before}>{t('pages.before')}</Button>}
      <Text size="sm" aria-live="polite">{t('pages.number', { n: at })}</Text>
      {next && <Button variant="default" size="xs" aria-busy={busy} rightSection={<IconChevronRight size={14} aria-hidden />} onClick={busy ? undefined : next}>{t('pages.next')}</Button>}
      {sorted && <Text size="xs" c="dimmed">{t('pages.sorted')}</Text>}
    </Group>
  );
}

// What useEndless() gives, as `more` of a table.
export function moreOf(pages: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown }) {
  return { has: pages.hasNextPage, busy: pages.isFetchingNextPage, load: () => void pages.fetchNextPage() };
}
