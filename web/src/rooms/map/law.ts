/** The classes that the law makes of one factor: sub-indices of the AQI by the hour at air stations, classes of surface water at sections. Pure but for the question. */
import { get } from '@/api/client';
import type { Latest, Site } from '@/api/types';
import {
  AQI_FILL,
  AQI_NAME,
  AQI_NAME_EN,
  AQI_TEXT,
  romanOf,
  WATER_FILL,
  WATER_TEXT,
  type WaterClass,
} from '@/lib/palette';

export interface LimitRow {
  standard: string;
  clause: string;
  medium: string;
  item: string;
  grade: string;
  averaging: string;
  low: number | null;
  high: number | null;
  unit: string;
}
/** ends: of the classes from the best on; falling: the more the better. */
export interface Scale {
  kind: 'aqi' | 'water';
  standard: string;
  unit: string;
  ends: number[];
  falling: boolean;
}
export interface Law {
  air: Scale | null;
  river: Scale | null;
  lake: Scale | null;
}

const AIR = new Set(['air', 'roadside']);
const WATER = new Set(['water', 'drinking', 'rural']);
const GRADES = ['I', 'II', 'III', 'IV', 'V'];

/* levels: those of the index, by their tops. */
function airScale(rows: readonly LimitRow[], levels: readonly LimitRow[], factor: string): Scale | null {
  const mine = rows.filter((r) => r.item === factor && r.averaging === 'hour');
  const ends: number[] = [];
  const tops = levels
    .map((r) => r.high)
    .filter((v): v is number => v !== null)
    .sort((a, b) => a - b);
  for (const top of tops) {
    const end = mine.find((r) => r.grade.endsWith(`-${top}`))?.high ?? null;
    if (end === null) break;
    ends.push(end);
  }
  return ends.length ? { kind: 'aqi', standard: mine[0]!.standard, unit: mine[0]!.unit, ends, falling: false } : null;
}
function waterScale(rows: readonly LimitRow[], factor: string, body: 'river' | 'lake'): Scale | null {
  const mine = GRADES.map((g) =>
    rows.find((r) => r.item === factor && r.grade === g && (r.medium === 'water' || r.medium === body)),
  );
  if (mine.some((r) => !r)) return null;
  const side = (k: 'low' | 'high'): number[] => mine.map((r) => r![k]).filter((v): v is number => v !== null);
  const [low, high] = [side('low'), side('high')];
  const ends = high.length === 5 ? high : low.length === 5 ? low : [];
  /* The same bounds for every class (pH) make none. */
  return ends.length && new Set(ends).size > 1
    ? { kind: 'water', standard: mine[0]!.standard, unit: mine[0]!.unit, ends, falling: high.length !== 5 }
    : null;
}
export const lawOf = (
  air: readonly LimitRow[],
  levels: readonly LimitRow[],
  water: readonly LimitRow[],
  factor: string,
): Law => ({
  air: airScale(air, levels, factor),
  river: waterScale(water, factor, 'river'),
  lake: waterScale(water, factor, 'lake'),
});

export function scaleFor(law: Law, s: Pick<Site, 'kind'> & { attributes?: { body?: string | null } }): Scale | null {
  return AIR.has(s.kind) ? law.air : WATER.has(s.kind) ? (s.attributes?.body === 'lake' ? law.lake : law.river) : null;
}
/** The value in the scale's unit; null where the two have nothing to do with each other. */
export function inUnit(l: Pick<Latest, 'value' | 'unit'>, to: string): number | null {
  if (l.value === null) return null;
  if (l.unit === to || !to) return l.value;
  const of = (u: string): [number, string] | null => {
    const m = /^(m|u|μ)?g\/(m3|m³|L)$/.exec(u);
    return m ? [m[1] === 'm' ? 1e-3 : m[1] ? 1e-6 : 1, m[2]!.replace('³', '3')] : null;
  };
  const [a, b] = [of(l.unit), of(to)];
  return a && b && a[1] === b[1] ? Number((l.value * (a[0] / b[0])).toPrecision(12)) : null;
}
/** 1 is the best. */
export function classIn(s: Scale, v: number): number {
  const i = s.ends.findIndex((e) => (s.falling ? v >= e : v <= e));
  return i < 0 ? s.ends.length + 1 : i + 1;
}
export function colourOf(s: Scale, k: number): { fill: string; ink: string } {
  return s.kind === 'aqi'
    ? { fill: AQI_FILL[Math.min(k, 6) - 1]!, ink: AQI_TEXT[Math.min(k, 6) - 1]! }
    : { fill: WATER_FILL[Math.min(k, 6) as WaterClass], ink: WATER_TEXT };
}
/** What the legend says of a scale: each class with its end. */
export function legendOf(s: Scale, lang: string, text: (v: number) => string): { colour: string; label: string }[] {
  return Array.from({ length: s.ends.length + 1 }, (_, i) => {
    const name = s.kind === 'aqi' ? (lang === 'en' ? AQI_NAME_EN : AQI_NAME)[i]! : romanOf((i + 1) as WaterClass, lang);
    const sign =
      i < s.ends.length
        ? s.falling
          ? `≥ ${text(s.ends[i]!)}`
          : `≤ ${text(s.ends[i]!)}`
        : s.falling
          ? `< ${text(s.ends[i - 1]!)}`
          : `> ${text(s.ends[i - 1]!)}`;
    return { colour: colourOf(s, i + 1).fill, label: `${name} ${sign}` };
  });
}

const NONE: Law = { air: null, river: null, lake: null };
const asked = new Map<string, Promise<Law>>();
interface Told {
  standard: string;
  clause: string;
  values: Omit<LimitRow, 'standard' | 'clause'>;
}
const rows = (table: string, day: string, factor?: string): Promise<LimitRow[]> =>
  get<{ items: Told[] }>(`standards/tables/limits/${table}`, {
    day,
    limit: 500,
    ...(factor ? { q: factor } : {}),
  }).then((r) => r.items.map((x) => ({ ...x.values, standard: x.standard, clause: x.clause })));
/** The law of a day for a factor; none where it cannot be read. */
export function lawFor(factor: string, day: string): Promise<Law> {
  const key = `${factor} ${day}`;
  let p = asked.get(key);
  if (!p) {
    p = Promise.all([rows('air-aqi', day, factor), rows('air-levels', day), rows('water-class', day, factor)]).then(
      ([a, l, w]) => lawOf(a, l, w, factor),
    );
    p.catch(() => asked.delete(key));
    asked.set(key, p);
  }
  return p.catch(() => NONE);
}
