/** The joint timeline: which series are drawn, and what stands at one time. Pure. */
import type { Series } from '@/api/types';

export const FLOW = new Set(['w00000', 'a00000', 'a01011', 'a01012']);
/** Power of production and treatment: told by its unit or its name, since its codes are the makers' own. */
export const isPower = (s: Pick<Series, 'unit' | 'factor'>): boolean =>
  /^(k?W|kWh|A)$/i.test(s.unit) || /power/i.test(s.factor);

/** One series a factor of an outlet: hour means, else live values; values first, flow and power in lanes of their own. */
export function lanes(
  series: readonly Series[],
  point: string,
  most: number,
): { values: Series[]; flow: Series[]; power: Series[] } {
  const best = new Map<string, Series>();
  const rank = (s: Series): number =>
    (s.period === 'hour' ? 0 : s.period === 'rtd' ? 2 : s.period === 'minute' ? 4 : 9) +
    (/^(zs)?(avg|rtd)$/i.test(s.stat) ? 0 : 1);
  for (const s of series) {
    if (s.factor.startsWith('@') || s.period === 'day' || (s.point ?? '') !== point || s.count === 0) continue;
    const had = best.get(s.factor);
    if (!had || rank(s) < rank(had)) best.set(s.factor, s);
  }
  const all = [...best.values()];
  const flow = all.filter((s) => FLOW.has(s.factor));
  const power = all.filter((s) => !FLOW.has(s.factor) && isPower(s));
  const order = ['w01018', 'w21003', 'w21011', 'w21001', 'a21026', 'a21002', 'a34013', 'a21005', 'a34004'];
  const at = (f: string): number => order.indexOf(f) + 1 || 99;
  const values = all
    .filter((s) => !flow.includes(s) && !power.includes(s))
    .sort((a, b) => at(a.factor) - at(b.factor) || (a.factor < b.factor ? -1 : 1))
    .slice(0, most);
  return { values, flow: flow.slice(0, 1), power: power.slice(0, 2) };
}

export interface Bar {
  key: string;
  from: number;
  to: number | null;
  text: string;
  tone: string;
  glyph: string;
  id?: string;
}

/** Bars that would cover each other go to rows of their own. */
export function rowsOf(bars: readonly Bar[], now: number): Bar[][] {
  const rows: Bar[][] = [];
  for (const b of [...bars].sort((x, y) => x.from - y.from)) {
    const fit = rows.find((r) => (r[r.length - 1]!.to ?? now) <= b.from);
    if (fit) fit.push(b);
    else rows.push([b]);
  }
  return rows;
}

/** What stands at a time. */
export const at = (bars: readonly Bar[], time: number, reach: number): Bar[] =>
  bars.filter((b) => b.from - reach <= time && (b.to === b.from ? time <= b.from + reach : time < (b.to ?? Infinity)));
