/** The part of ECharts that charts of data sets need; loaded with the first chart. */
import {
  BarChart,
  BoxplotChart,
  FunnelChart,
  GaugeChart,
  GraphChart,
  HeatmapChart,
  LineChart,
  MapChart,
  PieChart,
  RadarChart,
  SankeyChart,
  ScatterChart,
  TreemapChart,
} from 'echarts/charts';
import {
  AriaComponent,
  CalendarComponent,
  DataZoomInsideComponent,
  DataZoomSliderComponent,
  GeoComponent,
  GraphicComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  PolarComponent,
  RadarComponent,
  TooltipComponent,
  VisualMapContinuousComponent,
} from 'echarts/components';
import * as echarts from 'echarts/core';
import { LabelLayout } from 'echarts/features';
import { CanvasRenderer } from 'echarts/renderers';
import { areasOf, type Outlines } from './area';
import { MAP_NAME } from './option';

echarts.use([
  BarChart,
  BoxplotChart,
  FunnelChart,
  GaugeChart,
  GraphChart,
  HeatmapChart,
  LineChart,
  MapChart,
  PieChart,
  RadarChart,
  SankeyChart,
  ScatterChart,
  TreemapChart,
  AriaComponent,
  CalendarComponent,
  DataZoomInsideComponent,
  DataZoomSliderComponent,
  GeoComponent,
  GraphicComponent,
  GridComponent,
  LabelLayout,
  LegendComponent,
  MarkLineComponent,
  PolarComponent,
  RadarComponent,
  TooltipComponent,
  VisualMapContinuousComponent,
  CanvasRenderer,
]);

let districts: Promise<ReadonlyMap<string, number>> | null = null;
/** The city's outlines, read once, from this server; the areas of the districts in km². */
export function needMap(): Promise<ReadonlyMap<string, number>> {
  districts ??= fetch('/map/districts.json')
    .then((r) => r.json() as Promise<Outlines>)
    .then(
      (g) => {
        echarts.registerMap(MAP_NAME, g as never);
        return areasOf(g);
      },
      (e: unknown) => {
        districts = null; /* the next drawing asks again */
        throw e;
      },
    );
  return districts;
}
export { echarts };
