// Options of the charts: what is drawn where. Pure; words and numbers come in as people read them.
import type { CustomSeriesRenderItemAPI, CustomSeriesRenderItemParams } from 'echarts';
import type { EChartsCoreOption } from 'echarts/core';
import { colourOf, type Look } from './look';

export type Show = (value: number) => string;
export interface Range { label: string; value: number; low: number; high: number }
export interface Line { name: string; values: (number | null)[] }

const CAPTION_MAX = 22; // letters of a label beside a bar; the rest stands in the table
const short = (text: string) => (text.length > CAPTION_MAX ? `${text.slice(0, CAPTION_MAX - 1)}…` : text);

const axis = (look: Look) => ({ axisLabel: { color: look.dim, hideOverlap: true }, axisLine: { lineStyle: { color: look.line } }, splitLine: { lineStyle: { color: look.line, opacity: 0.5 } }, axisTick: { show: false } });
const tooltip = (look: Look) => ({ backgroundColor: look.ground, borderColor: look.line, textStyle: { color: look.text, fontSize: 12 }, confine: true });
const grid = { left: 8, right: 16, top: 12, bottom: 8, containLabel: true };
const captions = (look: Look, labels: string[]) => ({ type: 'category', inverse: true, data: labels, ...axis(look), axisLabel: { color: look.text, formatter: short }, splitLine: { show: false } });

// Bars from the left, the first on top.
export function bars(look: Look, labels: string[], values: number[], show: Show): EChartsCoreOption {
  return {
    grid: { ...grid, right: 56 },
    tooltip: { ...tooltip(look), valueFormatter: (value: unknown) => show(Number(value)) },
    xAxis: { type: 'value', ...axis(look), axisLabel: { color: look.dim, formatter: show, hideOverlap: true } },
    yAxis: captions(look, labels),
    series: [{ type: 'bar', data: values, barMaxWidth: 22, itemStyle: { color: colourOf(look, 0) }, label: { show: true, position: 'right', color: look.text, textBorderWidth: 0, formatter: (one: { value: number }) => show(one.value) } }],
  };
}

// The whisker of an interval and its two ends, across the row of `index`.
function whisker(parameters: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI, colour: string) {
  const [left = 0, middle = 0] = api.coord([api.value(1), api.value(0)]);
  const [right = 0] = api.coord([api.value(2), api.value(0)]);
  const style = { stroke: colour, lineWidth: 2 };
  const line = (x1: number, y1: number, x2: number, y2: number) => ({ type: 'line' as const, shape: { x1, y1, x2, y2 }, style });
  return { type: 'group' as const, children: [line(left, middle, right, middle), line(left, middle - 5, left, middle + 5), line(right, middle - 5, right, middle + 5)], info: parameters.dataIndex };
}

// Estimates with the intervals they may lie in; `zero` draws the line of no difference.
export function intervals(look: Look, ranges: Range[], show: Show, zero = false): EChartsCoreOption {
  const told = (at: number) => { const one = ranges[at]!; return `${one.label}: ${show(one.value)} (${show(one.low)} … ${show(one.high)})`; };
  return {
    grid: { ...grid, right: 32 },
    tooltip: { ...tooltip(look), formatter: (one: { dataIndex: number }) => told(one.dataIndex).replace(/[&<>]/g, '') },
    xAxis: { type: 'value', scale: !zero, ...axis(look), axisLabel: { color: look.dim, formatter: show, hideOverlap: true } },
    yAxis: captions(look, ranges.map((one) => one.label)),
    series: [
      { type: 'custom', data: ranges.map((one, at) => [at, one.low, one.high]), encode: { x: [1, 2], y: 0 }, renderItem: (parameters: CustomSeriesRenderItemParams, api: CustomSeriesRenderItemAPI) => whisker(parameters, api, colourOf(look, 0)) },
      { type: 'scatter', data: ranges.map((one, at) => [one.value, at]), symbolSize: 10, itemStyle: { color: zero ? undefined : colourOf(look, 0) },
        ...(zero ? { itemStyle: { color: (one: { dataIndex: number }) => { const range = ranges[one.dataIndex]!; return range.low > 0 ? look.good : range.high < 0 ? look.bad : look.dim; } } } : {}) },
    ],
  };
}

// Lines over time; a missing value is a gap.
export function lines(look: Look, ticks: string[], series: Line[], show: Show, stacked = false): EChartsCoreOption {
  return {
    grid: { ...grid, top: series.length > 1 ? 44 : 16 },
    legend: series.length > 1 ? { top: 0, left: 0, type: 'scroll', textStyle: { color: look.text }, inactiveColor: look.dim, pageTextStyle: { color: look.text } } : undefined,
    tooltip: { ...tooltip(look), trigger: 'axis', valueFormatter: (value: unknown) => (value === null || value === undefined ? '—' : show(Number(value))) },
    xAxis: { type: 'category', boundaryGap: stacked, data: ticks, ...axis(look), splitLine: { show: false } },
    yAxis: { type: 'value', scale: !stacked, ...axis(look), axisLabel: { color: look.dim, formatter: show } },
    series: series.map((one, at) => stacked
      ? { type: 'bar', name: one.name, stack: 'all', data: one.values, itemStyle: { color: colourOf(look, at) } }
      : { type: 'line', name: one.name, data: one.values, showSymbol: ticks.length < 40, symbolSize: 6, lineStyle: { width: 2, type: at % 2 ? 'dashed' : 'solid' }, itemStyle: { color: colourOf(look, at) } }),
  };
}

// A field of counts: what across, what down; darker (lighter at night) is more.
export function heat(look: Look, across: string[], down: string[], cells: [number, number, number][], show: Show): EChartsCoreOption {
  const most = Math.max(1, ...cells.map(([, , value]) => value));
  return {
    grid: { ...grid, bottom: 4 },
    tooltip: { ...tooltip(look), formatter: (one: { value: [number, number, number] }) => `${down[one.value[1]]}, ${across[one.value[0]]}: ${show(one.value[2])}`.replace(/[&<>]/g, '') },
    xAxis: { type: 'category', data: across, ...axis(look), splitLine: { show: false } },
    yAxis: captions(look, down),
    visualMap: { min: 0, max: most, show: false, inRange: { color: look.heat } },
    series: [{ type: 'heatmap', data: cells, itemStyle: { borderColor: look.ground, borderWidth: 1 } }],
  };
}
