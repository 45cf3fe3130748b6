import { describe, expect, it } from 'vitest';
import type { Alarm, Site } from '@/api/types';
import { air, districtRows, face, sources, standing, water, worstFirst } from './figures';

const site = (id: number, kind: string, district: string | null, grade: object | null, state = 'online'): Site =>
  ({
    id,
    kind,
    state,
    code: '',
    name: `s${id}`,
    district: district ? { code: district, name: district } : null,
    lon: 118 + id,
    lat: 32,
    last_time: null,
    latest: [],
    grade,
  }) as unknown as Site;
const aqi = (value: number, level: number) => ({ kind: 'aqi', value, level, met: null });
const cls = (level: number, met: boolean) => ({ kind: 'water_class', value: level, level, met });
const all = [
  site(1, 'air', '320102', aqi(96, 2)),
  site(2, 'air', '320102', aqi(104, 3)),
  site(3, 'air', '320104', aqi(40, 1)),
  site(4, 'air', '320104', null),
  site(5, 'water', '320104', cls(4, false)),
  site(6, 'water', '320104', cls(2, true)),
  site(7, 'source_water', '320102', null),
  site(8, 'source_air', '320102', null, 'silent'),
  /* other cities' */ site(9, 'air', null, aqi(472, 6)),
  site(10, 'water', null, cls(6, false)),
  site(11, 'source_air', null, null),
];
const alarm = (id: string, severity: string, more: object = {}): Alarm =>
  ({
    id,
    severity,
    kind: 'exceedance',
    active: true,
    late: false,
    site: { id: 7, kind: 'source_water', district: '320102' },
    start: '2026-11-27T08:00:00+08:00',
    ...more,
  }) as unknown as Alarm;

describe('the figures of a screen', () => {
  it('counts what is graded, and nothing else', () => {
    expect(air(all)).toEqual({ n: 3, good: 2, least: 40, most: 104 });
    expect(water(all)).toEqual({ n: 2, judged: 2, met: 1, classes: [0, 1, 0, 1, 0, 0] });
    expect(air([])).toEqual({ n: 0, good: 0, least: null, most: null });
  });
  it('says of a district its worst station and section', () => {
    const r = districtRows(all, [alarm('a', 'urgent')]);
    expect(r.map((x) => [x.code, x.air?.value ?? null, x.water?.level ?? null, x.alarms])).toEqual([
      ['320102', 104, null, 1],
      ['320104', 40, 4, 0],
    ]);
  });
  it('puts the worst first', () => {
    expect(worstFirst(all, 'aqi').map((s) => s.id)).toEqual([2, 1, 3]);
    expect(
      standing([alarm('a', 'notice'), alarm('b', 'urgent'), alarm('c', 'serious', { late: true })]).map((a) => a.id),
    ).toEqual(['b', 'a']);
  });
  it('counts a source once however many alarms it has', () => {
    expect(sources(all, [alarm('a', 'urgent'), alarm('b', 'serious')])).toEqual({ n: 2, online: 1, over: 1 });
  });
  it('keeps the shape of the city', () => {
    const f = face([118, 31, 119, 33], 1000, 1000);
    expect(f.y(33)).toBe(0);
    expect(f.y(31)).toBe(1000);
    expect((f.x(119) - f.x(118)) / 500).toBeCloseTo(Math.cos((32 * Math.PI) / 180), 6);
  });
});
