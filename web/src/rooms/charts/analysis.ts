/** What the analysis of curves asks of the server: a data set and a chart for each way of looking. Pure. */
import type { ChartSpec, SetSpec } from '@/board/types';

export const VIEWS = ['line', 'compare', 'hours', 'week', 'box', 'calendar', 'rose', 'corr'] as const;
export type ViewId = (typeof VIEWS)[number];
export const WINDOWS = { w24h: '24h', w7d: '7d', w30d: '30d', w365d: '365d' } as const;
export type WindowId = keyof typeof WINDOWS;
export interface Ask {
  view: ViewId;
  factor: string;
  second: string;
  kind: string;
  district: string;
  site: string;
  step: 'raw' | 'hour' | 'day' | 'month';
  window: WindowId;
  /** A stretch of it that was zoomed into. */
  zoom?: { from: string; to: string } | null;
}
export const WIND_FROM = 'a01008';
export const WIND_SPEED = 'a01007';
export const MS: Record<WindowId, number> = {
  w24h: 86_400_000,
  w7d: 7 * 86_400_000,
  w30d: 30 * 86_400_000,
  w365d: 365 * 86_400_000,
};

const source = (a: Ask, factor: string | string[], step: string, window: object): SetSpec['source'] => ({
  kind: 'series',
  factor,
  step,
  window,
  ...(a.kind ? { site_kind: a.kind } : {}),
  ...(a.district ? { district: a.district } : {}),
  ...(a.site ? { sites: [Number(a.site)] } : {}),
});
const MEAN = { as: 'mean', fn: 'avg', field: 'value', title: { zh: '均值', en: 'mean' } };

/** now: for the period before. */
export function chartsOf(a: Ask, now: number, iso: (ms: number) => string): ChartSpec[] {
  const last = a.zoom && a.view === 'line' ? a.zoom : { last: WINDOWS[a.window] };
  const coarse = a.step === 'raw' ? 'hour' : a.step;
  const of = (
    s: SetSpec,
    chart: ChartSpec['chart'],
    bind: ChartSpec['bind'],
    options: ChartSpec['options'] = {},
  ): ChartSpec => ({
    spec: { rows_max: 40_000, ...s },
    chart,
    bind,
    options,
  });
  const winds = [...new Set([WIND_FROM, WIND_SPEED, a.factor])];
  switch (a.view) {
    case 'line':
      return [
        of({ source: source(a, a.factor, a.step, last) }, 'line', { x: 'time', y: ['value'], colour: 'site_name' }),
      ];
    case 'compare': {
      const before = { from: iso(now - 2 * MS[a.window]), to: iso(now - MS[a.window]) };
      return [last, before].map((w) =>
        of({ source: source(a, a.factor, coarse, w) }, 'line', { x: 'time', y: ['value'], colour: 'site_name' }),
      );
    }
    case 'hours':
    case 'week': {
      const by = a.view === 'hours' ? 'hour_of_day' : 'weekday';
      return [
        of(
          {
            source: source(a, a.factor, 'hour', last),
            steps: [
              {
                do: 'bucket',
                field: 'time',
                by,
                as: 'part',
                title: a.view === 'hours' ? { zh: '时', en: 'hour' } : { zh: '星期', en: 'weekday' },
              },
              { do: 'group', by: ['part', 'site_name'], measures: [MEAN] },
              { do: 'sort', by: ['part'] },
            ],
          },
          'line',
          { x: 'part', y: ['mean'], colour: 'site_name' },
        ),
      ];
    }
    case 'box':
      return [of({ source: source(a, a.factor, 'hour', last) }, 'box', { name: 'site_name', value: 'value' })];
    case 'calendar':
      return [
        of(
          {
            source: source(a, a.factor, 'day', { last: '365d' }),
            steps: [{ do: 'group', by: ['time'], measures: [MEAN] }],
          },
          'calendar',
          { time: 'time', value: 'mean' },
        ),
      ];
    case 'rose':
      return [
        ['rose', { direction: WIND_FROM, value: a.factor, speed: WIND_SPEED }],
        ['wind', { direction: WIND_FROM, speed: WIND_SPEED }],
      ].map(([chart, bind]) =>
        of(
          {
            source: source(a, winds, 'hour', last),
            steps: [{ do: 'pivot', key: ['time', 'site_name'], column: 'factor', value: 'value', values: winds }],
          },
          chart as ChartSpec['chart'],
          bind as ChartSpec['bind'],
        ),
      );
    default:
      return [
        of(
          {
            source: source(a, [a.factor, a.second], 'hour', last),
            steps: [
              {
                do: 'pivot',
                key: ['time', 'site_name'],
                column: 'factor',
                value: 'value',
                values: [a.factor, a.second],
              },
            ],
          },
          'scatter',
          { x: a.factor, y: a.second, colour: 'site_name' },
          { fit: true },
        ),
      ];
  }
}
