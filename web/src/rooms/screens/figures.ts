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

export interface Call {
  x: number;
  y: number;
  at: number;
}
/** Whether the hairlines of two call-outs at one edge cross: straight lines from (edge, at) to (x, y). */
export function crosses(edge: number, a: Call, b: Call): boolean {
  const turn = (px: number, py: number, qx: number, qy: number, rx: number, ry: number): number =>
    Math.sign((qx - px) * (ry - py) - (qy - py) * (rx - px));
  return (
    turn(edge, a.at, a.x, a.y, edge, b.at) !== turn(edge, a.at, a.x, a.y, b.x, b.y) &&
    turn(edge, b.at, b.x, b.y, edge, a.at) !== turn(edge, b.at, b.x, b.y, a.x, a.y)
  );
}
/** The places of call-outs at one edge exchanged until no two hairlines cross. */
export function uncross<T extends Call>(edge: number, calls: readonly T[]): T[] {
  const out = calls.map((c) => ({ ...c }));
  for (let round = 0; round < out.length * out.length; round++) {
    let moved = false;
    for (let i = 0; i < out.length; i++)
      for (let j = i + 1; j < out.length; j++)
        if (crosses(edge, out[i]!, out[j]!)) {
          [out[i]!.at, out[j]!.at] = [out[j]!.at, out[i]!.at];
          moved = true;
        }
    if (!moved) break;
  }
  return out;
}

/** The weather of the city: the median of its air stations now; the wind's direction as the mean of its vectors. */
export interface Weather {
  n: number;
  temperature: number | null;
  humidity: number | null;
  speed: number | null;
  direction: number | null;
}
const FRESH = 2 * 3600_000;
export function weather(sites: readonly Site[], now: number): Weather {
  const values = (factor: string): Map<number, number> =>
    new Map(
      sites
        .filter((s) => s.district && s.kind === 'air')
        .flatMap((s) => {
          const v = s.latest.find((x) => x.factor === factor && x.value !== null && x.flag === 'N');
          return v && now - Date.parse(v.time) < FRESH ? [[s.id, v.value as number] as const] : [];
        }),
    );
  const median = (m: Map<number, number>): number | null => {
    const v = [...m.values()].sort((a, b) => a - b);
    return v.length ? (v[(v.length - 1) >> 1]! + v[v.length >> 1]!) / 2 : null;
  };
  const t = values('a01001'),
    speed = values('a01007'),
    way = values('a01008');
  let x = 0,
    y = 0;
  for (const [id, d] of way) {
    const v = speed.get(id) ?? 0;
    x += v * Math.sin((d * Math.PI) / 180);
    y += v * Math.cos((d * Math.PI) / 180);
  }
  return {
    n: Math.max(t.size, speed.size),
    temperature: median(t),
    humidity: median(values('a01002')),
    speed: median(speed),
    direction: Math.hypot(x, y) > 1e-9 ? (Math.atan2(x, y) * (180 / Math.PI) + 360) % 360 : null,
  };
}
/** One of the eight winds, from 0 = north. */
export const octant = (degrees: number): number => Math.round(degrees / 45) % 8;

/** Hours of stations as ridges: from north to south, the same hours for all, null where an hour is missing. */
export interface RidgeLine {
  site: number;
  name: string;
  lat: number;
  values: (number | null)[];
}
export interface Ridges {
  hours: number[];
  lines: RidgeLine[];
  most: number;
}
export interface HourRow {
  time: number;
  site: number;
  name: string;
  lat: number | null;
  value: number | null;
}
const HOUR = 3600_000;
export function ridges(rows: readonly HourRow[], count = 24, most = 13): Ridges {
  const end = rows.reduce((n, r) => Math.max(n, r.time), 0),
    first = end - (count - 1) * HOUR;
  const hours = Array.from({ length: rows.length ? count : 0 }, (_, i) => first + i * HOUR);
  const lines = new Map<number, RidgeLine>();
  let top = 0;
  for (const r of rows) {
    if (r.lat === null || r.value === null || r.time < first) continue;
    const l = lines.get(r.site) ?? { site: r.site, name: r.name, lat: r.lat, values: hours.map(() => null) };
    lines.set(r.site, l);
    l.values[Math.round((r.time - first) / HOUR)] = r.value;
    top = Math.max(top, r.value);
  }
  /* Of more stations than there is room for, those that are spread from north to south. */
  const all = [...lines.values()].sort((a, b) => b.lat - a.lat || a.site - b.site);
  const step = Math.max(1, (all.length - 1) / (most - 1));
  const kept = all.length <= most ? all : Array.from({ length: most }, (_, i) => all[Math.round(i * step)]!);
  return { hours, lines: kept, most: top };
}
