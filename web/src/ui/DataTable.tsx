// A dense table: sorted by a click on a heading, rows selected for what is done with many, more of them on demand, an empty
// state that teaches.
import { Box, Button, Checkbox, Group, Table, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
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
  more?: { has: boolean; busy: boolean; load: () => void };
}

const compare = (a: string | number, b: string | number) =>
  typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b));

export function DataTable<T>({ label, columns, rows, id, empty, error, more, bulk }: Props<T>) {
  const { t } = useSpeech();
  const [by, setBy] = useState<{ name: string; down: boolean }>();
  const [chosen, setChosen] = useState<ReadonlySet<string | number>>(new Set());
  if (error) return <Problem error={error} />;
  if (!rows) return <Loading />;
  if (rows.length === 0) return <>{empty ?? <Empty title={t('common.nothing')} />}</>;
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
  // What is no longer shown is no longer selected.
  const selected = bulk && bulk.actions.length > 0 ? sorted.filter((row) => chosen.has(id(row))) : [];
  const choose = (row: T, wanted: boolean) => setChosen((now) => new Set(wanted ? [...now, id(row)] : [...now].filter((one) => one !== id(row))));
  const select = bulk && bulk.actions.length > 0 ? bulk : undefined;
  const sortOf = (column: Column<T>) =>
    by?.name !== column.name ? undefined : by.down ? ('descending' as const) : ('ascending' as const);
  return (
    <Box>
      {select && selected.length > 0 && <Bulk rows={selected} actions={select.actions} clear={() => setChosen(new Set())} />}
      <Table.ScrollContainer minWidth={Math.max(480, columns.length * COLUMN_MIN)} scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': label } }}>
        <Table aria-label={label} verticalSpacing={6} horizontalSpacing="sm" highlightOnHover fz="sm">
          <Table.Thead>
            <Table.Tr>
              {select && (
                <Table.Th w={32}>
                  <Checkbox size="xs" aria-label={t('bulk.all')} checked={selected.length === rows.length} indeterminate={selected.length > 0 && selected.length < rows.length}
                    onChange={(event) => setChosen(event.currentTarget.checked ? new Set(rows.map(id)) : new Set())} />
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
              <Table.Tr key={id(row)} bg={selected.includes(row) ? 'var(--mantine-color-blue-light)' : undefined}>
                {select && <Table.Td><Checkbox size="xs" aria-label={t('bulk.one', { what: select.what(row) })} checked={chosen.has(id(row))} onChange={(event) => choose(row, event.currentTarget.checked)} /></Table.Td>}
                {columns.map((column) => (
                  <Table.Td key={column.name} ta={column.right ? 'right' : undefined}>{column.cell(row)}</Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {more?.has && (
        <Group justify="center" mt="sm">
          <Button variant="default" size="xs" loading={more.busy} onClick={more.load}>{t('common.more')}</Button>
        </Group>
      )}
    </Box>
  );
}

// What usePages() gives, as `more` of a table.
export function moreOf(pages: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown }) {
  return { has: pages.hasNextPage, busy: pages.isFetchingNextPage, load: () => void pages.fetchNextPage() };
}
