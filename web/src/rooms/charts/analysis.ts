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
  const last = { last: WINDOWS[a.window] };
  const coarse = a.step === 'raw' ? 'hour' : a.step;
  const of = (s: SetSpec, chart: ChartSpec['chart'], bind: ChartSpec['bind']): ChartSpec => ({
    spec: { rows_max: 40_000, ...s },
    chart,
    bind,
  });
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
        [a.factor, 'rose', { direction: WIND_FROM, value: a.factor }],
        [WIND_SPEED, 'wind', { direction: WIND_FROM, speed: WIND_SPEED }],
      ].map(([other, chart, bind]) =>
        of(
          {
            source: source(a, [WIND_FROM, other as string], 'hour', last),
            steps: [
              { do: 'pivot', key: ['time', 'site_name'], column: 'factor', value: 'value', values: [WIND_FROM, other] },
            ],
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
        ),
      ];
  }
}

/** Least squares over pairs; null with fewer than three, or where x never changes. */
export function fit(pairs: readonly (readonly [number, number])[]): { r: number; n: number; slope: number } | null {
  const n = pairs.length;
  if (n < 3) return null;
  const mx = pairs.reduce((s, p) => s + p[0], 0) / n;
  const my = pairs.reduce((s, p) => s + p[1], 0) / n;
  let [xx, yy, xy] = [0, 0, 0];
  for (const [x, y] of pairs) {
    xx += (x - mx) ** 2;
    yy += (y - my) ** 2;
    xy += (x - mx) * (y - my);
  }
  return xx === 0 || yy === 0 ? null : { r: xy / Math.sqrt(xx * yy), n, slope: xy / xx };
}
