// The only place that knows the chart library; loaded when the first chart is shown.
import { BarChart, CustomChart, HeatmapChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent, VisualMapComponent } from 'echarts/components';
import { init, use as register, type EChartsCoreOption } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import type { Look } from './look';

register([BarChart, CustomChart, HeatmapChart, LineChart, ScatterChart, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent, SVGRenderer]);

const PAPER_PX = 680; // an A4 page between its margins

export interface Drawing {
  label: string;
  height: number;
  look: Look;
  option: EChartsCoreOption;
  pick?: (index: number) => void; // the place of what was clicked in its series
}

export default function Plot({ label, height, look, option, pick }: Drawing) {
  const place = useRef<HTMLDivElement>(null);
  const picked = useRef(pick);
  useEffect(() => {
    picked.current = pick;
  });
  useEffect(() => {
    const calm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    const chart = init(place.current, null, { renderer: 'svg' });
    chart.setOption({
      backgroundColor: 'transparent', animation: !calm, animationDuration: 300, color: look.series,
      textStyle: { color: look.text, fontFamily: getComputedStyle(place.current!).fontFamily }, ...option,
    });
    chart.on('click', (event) => picked.current?.(event.dataIndex));
    const watch = new ResizeObserver(() => chart.resize());
    watch.observe(place.current!);
    const narrow = () => chart.resize({ width: Math.min(PAPER_PX, chart.getWidth()) });
    const back = () => chart.resize({ width: 'auto' });
    window.addEventListener('beforeprint', narrow);
    window.addEventListener('afterprint', back);
    return () => {
      window.removeEventListener('beforeprint', narrow);
      window.removeEventListener('afterprint', back);
      watch.disconnect();
      chart.dispose();
    };
  }, [option, look]);
  return <div ref={place} role="img" aria-label={label} style={{ height, width: '100%' }} />;
}
