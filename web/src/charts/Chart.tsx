// A chart with the same figures as a table below it, for those who read and for those who listen.
import { Box, Table, Text, useComputedColorScheme } from '@mantine/core';
import type { EChartsCoreOption } from 'echarts/core';
import { lazy, Suspense, useMemo, type ReactNode } from 'react';
import { addWords, useSpeech } from '../i18n';
import { reports } from '../i18n/words/reports';
import { lookOf, type Look } from './look';

addWords(reports);
const Plot = lazy(() => import('./Plot'));

export interface Figures {
  head: string[];
  rows: ReactNode[][];
}

interface Props {
  label: string; // what it shows, in a sentence or less
  draw: (look: Look) => EChartsCoreOption; // made with useCallback: a new one draws anew
  figures: Figures;
  height?: number;
  opened?: boolean; // the table is shown at once: its numbers lead on
  pick?: (index: number) => void;
}

export function Chart({ label, draw, figures, height = 260, opened = false, pick }: Props) {
  const look = lookOf(useComputedColorScheme());
  const option = useMemo(() => draw(look), [draw, look]);
  return (
    <Box>
      <Suspense fallback={<Box h={height} />}>
        <Plot label={label} height={height} look={look} option={option} pick={pick} />
      </Suspense>
      <AsTable label={label} figures={figures} opened={opened} />
    </Box>
  );
}

function AsTable({ label, figures, opened }: { label: string; figures: Figures; opened: boolean }) {
  const { t } = useSpeech();
  return (
    <details open={opened}>
      <Text component="summary" size="xs" c="dimmed" style={{ cursor: 'pointer' }}>{t('chart.table')}</Text>
      <Table.ScrollContainer minWidth={320} mah={320} scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': label } }}>
        <Table fz="xs" verticalSpacing={4} aria-label={label}>
          <Table.Thead><Table.Tr>{figures.head.map((one, at) => <Table.Th key={one} ta={at ? 'right' : undefined}>{one}</Table.Th>)}</Table.Tr></Table.Thead>
          <Table.Tbody>{figures.rows.map((row, at) => <Table.Tr key={at}>{row.map((cell, column) => <Table.Td key={column} ta={column ? 'right' : undefined}>{cell}</Table.Td>)}</Table.Tr>)}</Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </details>
  );
}
