/** What the panels of the city say, worked out of sites and alarms once for wall, desk and phone. Pure; grades are the server's. */
import type { Alarm, Grade, Site } from '@/api/types';
import { bySeverity, levelOf } from '@/lib/alarm';

export interface DistrictRow {
  code: string;
  name: string;
  lon: number;
  lat: number;
  air: Grade | null;
  water: Grade | null;
  alarms: number;
}
/** Those of the city: what stands in no district is kept for reference (other cities' stations) and counts nowhere. */
const graded = (sites: readonly Site[], kind: Grade['kind']): Site[] =>
  sites.filter((s) => s.district && s.grade?.kind === kind && s.grade.level > 0);
/** Worse first: the level, then the value. */
const worse = (a: Grade, b: Grade): number => b.level - a.level || (b.value ?? 0) - (a.value ?? 0);
export const worstFirst = (sites: readonly Site[], kind: Grade['kind']): Site[] =>
  graded(sites, kind).sort((a, b) => worse(a.grade!, b.grade!) || a.id - b.id);

/** By district: the worst air station, the worst water section, how many alarms stand. */
export function districtRows(sites: readonly Site[], alarms: readonly Alarm[]): DistrictRow[] {
  const rows = new Map<string, DistrictRow & { n: number }>();
  for (const s of sites) {
    if (!s.district || s.lon === null || s.lat === null) continue;
    const r = rows.get(s.district.code) ?? {
      code: s.district.code,
      name: s.district.name,
      lon: 0,
      lat: 0,
      air: null,
      water: null,
      alarms: 0,
      n: 0,
    };
    rows.set(s.district.code, r);
    r.lon += s.lon;
    r.lat += s.lat;
    r.n++;
    const g = s.grade;
    if (g?.kind === 'aqi' && g.level > 0 && (!r.air || worse(g, r.air) < 0)) r.air = g;
    if (g?.kind === 'water_class' && g.level > 0 && (!r.water || worse(g, r.water) < 0)) r.water = g;
  }
  for (const a of alarms) {
    const r = a.site ? rows.get(a.site.district) : undefined;
    if (r) r.alarms++;
  }
  return [...rows.values()]
    .map(({ n, ...r }) => ({ ...r, lon: r.lon / n, lat: r.lat / n }))
    .sort((a, b) => a.code.localeCompare(b.code));
}
export interface Air {
  n: number;
  good: number;
  least: number | null;
  most: number | null;
}
export function air(sites: readonly Site[]): Air {
  const g = graded(sites, 'aqi').map((s) => s.grade!),
    v = g.map((x) => x.value).filter((x): x is number => x !== null);
  return {
    n: g.length,
    good: g.filter((x) => x.level <= 2).length,
    least: v.length ? Math.min(...v) : null,
    most: v.length ? Math.max(...v) : null,
  };
}
export interface Water {
  n: number;
  met: number;
  judged: number;
  classes: number[];
}
export function water(sites: readonly Site[]): Water {
  const g = graded(sites, 'water_class').map((s) => s.grade!);
  return {
    n: g.length,
    judged: g.filter((x) => x.met !== null).length,
    met: g.filter((x) => x.met === true).length,
    classes: [1, 2, 3, 4, 5, 6].map((k) => g.filter((x) => x.level === k).length),
  };
}
export function sources(sites: readonly Site[], alarms: readonly Alarm[]): { n: number; online: number; over: number } {
  const s = sites.filter((x) => x.district && x.kind.startsWith('source_'));
  return {
    n: s.length,
    online: s.filter((x) => x.state === 'online').length,
    over: new Set(
      alarms.filter((a) => a.kind === 'exceedance' && a.site?.kind.startsWith('source_')).map((a) => a.site!.id),
    ).size,
  };
}
export const standing = (alarms: readonly Alarm[]): Alarm[] =>
  alarms.filter((a) => a.active && !a.late).sort(bySeverity);
export const bySeverityCount = (alarms: readonly Alarm[]): number[] =>
  [1, 2, 3, 4].map((l) => alarms.filter((a) => levelOf(a) === l).length);

export interface Face {
  x: (lon: number) => number;
  y: (lat: number) => number;
}
/** The city in a box: equal scale both ways at its latitude. */
export function face(box: [number, number, number, number], w: number, h: number): Face {
  const [west, south, east, north] = box,
    c = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const k = Math.min(w / ((east - west) * c), h / (north - south));
  const dx = (w - (east - west) * c * k) / 2,
    dy = (h - (north - south) * k) / 2;
  return { x: (lon) => dx + (lon - west) * c * k, y: (lat) => dy + (north - lat) * k };
}
