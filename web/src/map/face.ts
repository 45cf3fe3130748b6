/** What a site shows on the map: the number or class of its kind, the law's fill, its state. */
import type { Latest, Site } from '@/api/types';
import { parse, round8170 } from '@/lib/format';
import { AQI_FILL, AQI_TEXT, ROMAN, WATER_FILL, WATER_TEXT, type WaterClass } from '@/lib/palette';
import type { Face } from './symbols';

/** Data older than this count as stale: three of the longest ordinary intervals (4 h for water, 1 h for the rest). */
export function staleAfter(kind: string): number {
  return (kind === 'water' || kind === 'drinking' ? 12 : 3) * 3_600_000;
}

/** One entry a factor: the hour's mean where there is one, since the indices are defined on it. */
export function figures(latest: readonly Latest[]): Latest[] {
  const rank = (l: Latest): number =>
    (/^avg$/i.test(l.stat) ? 0 : /^rtd$/i.test(l.stat) ? 1 : 2) + (l.period === 'hour' ? -0.5 : 0);
  const best = new Map<string, Latest>();
  for (const l of latest) {
    const had = best.get(l.factor);
    if (!had || rank(l) < rank(had) || (rank(l) === rank(had) && l.time > had.time)) best.set(l.factor, l);
  }
  const order = [
    'a34013',
    'a34004',
    'a34002',
    'a34001',
    'a05024',
    'a21004',
    'a21026',
    'a21002',
    'a21005',
    'w01001',
    'w01009',
    'w01019',
    'w01018',
    'w21003',
    'w21011',
    'w21001',
    'Leq',
    'LA',
    'L10',
    'L50',
    'L90',
  ];
  const at = (f: string): number => order.indexOf(f) + 1 || 99;
  return [...best.values()].sort((a, b) => at(a.factor) - at(b.factor) || (a.factor < b.factor ? -1 : 1));
}

/** Both read the server's grade: no limit stands in these pages. */
export function siteAqi(site: Pick<Site, 'grade'>): { aqi: number | null; level: number; primary: string[] } | null {
  const g = site.grade;
  return g?.kind === 'aqi' ? { aqi: g.value, level: g.level, primary: g.primary } : null;
}

export function siteClass(site: Pick<Site, 'grade'>): { cls: WaterClass; worst: string[] } | null {
  const g = site.grade;
  return g?.kind === 'water_class' && g.value !== null ? { cls: g.value as WaterClass, worst: g.primary } : null;
}

export function stateOf(site: Site, now: number): string {
  const t = parse(site.last_time);
  if (site.state === 'online' && t !== null && now - t > staleAfter(site.kind)) return 'stale';
  return site.state;
}

const AIR = new Set(['air', 'roadside']);

export function face(site: Site, now: number): Face {
  const f: Face = { kind: site.kind, state: stateOf(site, now), text: '', fill: '', ink: '' };
  if (AIR.has(site.kind)) {
    const a = siteAqi(site);
    f.kind = 'air';
    if (a?.aqi != null) {
      const lv = a.level - 1;
      f.text = String(a.aqi);
      f.fill = AQI_FILL[lv]!;
      f.ink = AQI_TEXT[lv]!;
    } else if (site.latest.length) f.text = 'NA';
  } else if (site.kind === 'water' || site.kind === 'rural') {
    f.kind = 'water';
    const c = siteClass(site);
    if (c) {
      f.text = ROMAN[c.cls];
      f.fill = WATER_FILL[c.cls];
      f.ink = WATER_TEXT;
    }
  } else if (site.kind === 'drinking') {
    f.text = '取';
    f.fill = '#1D5D78';
    f.ink = '#FFFFFF';
  } else if (site.kind === 'noise') {
    const l = figures(site.latest).find((x) => /db/i.test(x.unit) || /^(L|n)/.test(x.factor));
    if (l?.value != null) f.text = round8170(l.value, 0);
  } else if (site.kind.startsWith('source')) f.kind = 'source';
  return f;
}
