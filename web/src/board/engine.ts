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
import { CanvasRenderer } from 'echarts/renderers';
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
  GeoComponent,
  GraphicComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  PolarComponent,
  RadarComponent,
  TooltipComponent,
  VisualMapContinuousComponent,
  CanvasRenderer,
]);

let districts: Promise<void> | null = null;
/** The city's outlines, read once, from this server. */
export function needMap(): Promise<void> {
  districts ??= fetch('/map/districts.json')
    .then((r) => r.json() as Promise<never>)
    .then(
      (g) => {
        echarts.registerMap(MAP_NAME, g);
      },
      (e: unknown) => {
        districts = null; /* the next drawing asks again */
        throw e;
      },
    );
  return districts;
}
export { echarts };
