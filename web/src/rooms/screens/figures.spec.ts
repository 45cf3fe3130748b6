import { describe, expect, it } from 'vitest';
import type { Alarm, Site } from '@/api/types';
import {
  air,
  crosses,
  districtRows,
  face,
  octant,
  ridges,
  sources,
  standing,
  uncross,
  water,
  weather,
  worstFirst,
} from './figures';

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

describe('the scroll', () => {
  it('hairlines that cross change places', () => {
    /* From the left edge: the upper call goes to the lower point and the lower call to the upper one. */
    const a = { x: 100, y: 100, at: 0, n: 'a' },
      b = { x: 100, y: 0, at: 100, n: 'b' };
    expect(crosses(0, a, b)).toBe(true);
    const out = uncross(0, [a, b]);
    expect(out.map((c) => [c.n, c.at])).toEqual([
      ['a', 100],
      ['b', 0],
    ]);
    expect(crosses(0, out[0]!, out[1]!)).toBe(false);
  });
});

describe('the weather', () => {
  const noon = Date.parse('2026-11-28T12:00:00+08:00');
  const at = (id: number, values: [string, number, string?, string?][]): Site =>
    ({
      ...site(id, 'air', '320102', null),
      latest: values.map(([factor, value, flag = 'N', time = '2026-11-28T11:55:00+08:00']) => ({
        factor,
        value,
        flag,
        time,
      })),
    }) as unknown as Site;
  it('is the median of fresh values that count, the direction the mean of the vectors', () => {
    const w = weather(
      [
        at(1, [
          ['a01001', 5],
          ['a01007', 2],
          ['a01008', 350],
        ]),
        at(2, [
          ['a01001', 7],
          ['a01007', 2],
          ['a01008', 10],
        ]),
        at(3, [
          ['a01001', 9],
          ['a01007', 4, 'D'],
        ]),
        at(4, [['a01001', 40, 'N', '2026-11-28T08:00:00+08:00']]),
      ],
      noon,
    );
    expect([w.n, w.temperature, w.speed]).toEqual([3, 7, 2]);
    /* 350 and 10 degrees at the same speed: north, not south. */
    expect(octant(w.direction!)).toBe(0);
    expect(weather([], noon)).toEqual({ n: 0, temperature: null, humidity: null, speed: null, direction: null });
  });
  it('opposite winds have no direction', () => {
    const w = weather(
      [
        at(1, [
          ['a01007', 2],
          ['a01008', 90],
        ]),
        at(2, [
          ['a01007', 2],
          ['a01008', 270],
        ]),
      ],
      noon,
    );
    expect(w.direction).toBeNull();
  });
});

describe('ridges', () => {
  const row = (time: number, id: number, lat: number | null, value: number | null) => ({
    time: time * 3600_000,
    site: id,
    name: `s${id}`,
    lat,
    value,
  });
  it('run from north to south over the same hours, with gaps', () => {
    const r = ridges([row(10, 1, 31.5, 40), row(12, 1, 31.5, 60), row(12, 2, 32.4, 80), row(12, 3, null, 9)], 3);
    expect(r.hours.map((h) => h / 3600_000)).toEqual([10, 11, 12]);
    expect(r.lines.map((l) => [l.site, l.values])).toEqual([
      [2, [null, null, 80]],
      [1, [40, null, 60]],
    ]);
    expect(r.most).toBe(80);
    expect(ridges([])).toEqual({ hours: [], lines: [], most: 0 });
  });
  it('of many stations keep the northernmost, the southernmost and what is spread between', () => {
    const r = ridges(
      Array.from({ length: 30 }, (_, i) => row(5, i, 31 + i / 100, 1)),
      1,
      4,
    );
    expect(r.lines.length).toBe(4);
    expect([r.lines[0]!.site, r.lines[3]!.site]).toEqual([29, 0]);
  });
});
