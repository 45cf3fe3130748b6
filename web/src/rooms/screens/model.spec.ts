import { describe, expect, it } from 'vitest';
import {
  chartOf,
  cuts,
  dataTime,
  desk,
  enter,
  merge,
  panelsIn,
  place,
  rectOf,
  screenOf,
  snap,
  tile,
  type Briefing,
  type Play,
  type Screen,
  type Panel,
} from './model';

const play: Play = { title: '', mode: 'live', scene: 0, data: 'live', screen: 'city' };
const briefing: Briefing = {
  title: '',
  scenes: [
    { title: 'a', screen: 'air', data: 'live', minutes: 2 },
    { title: 'b', screen: 'water', data: 'frozen', as_of: '2026-11-27T08:00:00+08:00', minutes: 3 },
  ],
};

describe('a screen over many browsers', () => {
  it('is cut into tiles that cover it once', () => {
    const t = tile(3840, 2160, 2, 2);
    expect(t.map((o) => [o.node, o.x, o.y])).toEqual([
      [1, 0, 0],
      [2, 1920, 0],
      [3, 0, 1080],
      [4, 1920, 1080],
    ]);
    expect(t.reduce((n, o) => n + o.w * o.h, 0)).toBe(3840 * 2160);
    expect(t.some((a) => t.some((b) => a !== b && cuts(a, b)))).toBe(false);
  });
  it('gives a node the panels that reach into its rectangle', () => {
    const s = {
      width: 200,
      height: 100,
      panels: [
        { id: 'l', x: 0, y: 0, w: 100, h: 100 },
        { id: 'r', x: 100, y: 0, w: 100, h: 100 },
        { id: 'both', x: 50, y: 0, w: 100, h: 10, z: 1 },
      ],
    } as Screen;
    expect(panelsIn(s, { x: 100, y: 0, w: 100, h: 100 }).map((p) => p.id)).toEqual(['r', 'both']);
  });
  it('reads a rectangle from the address, or none', () => {
    expect(rectOf('0,0,1920,1080')).toEqual({ x: 0, y: 0, w: 1920, h: 1080 });
    for (const bad of ['', '1,2,3', '0,0,0,10', '-1,0,5,5', 'a,b,c,d', undefined]) expect(rectOf(bad)).toBeNull();
  });
  it('keeps a panel on the canvas and on the grid', () => {
    expect(place({ x: -7, y: 96, w: 203, h: 18 }, { width: 400, height: 120 })).toEqual({ x: 0, y: 80, w: 200, h: 40 });
  });
});

describe('what a play shows', () => {
  it('is the scene, or the live object that the presenter jumped to', () => {
    expect(screenOf(play, null)).toBe('city');
    expect(screenOf({ ...play, scene: 1 }, briefing)).toBe('water');
    expect(screenOf({ ...play, scene: 1, jump: 'air' }, briefing)).toBe('air');
  });
  it('is of now, of one moment, or of a moment that moves', () => {
    const now = Date.parse('2026-11-27T12:00:07+08:00'),
      as_of = '2026-11-27T06:00:00+08:00';
    expect(dataTime(play, now)).toBeNull();
    expect(dataTime({ ...play, data: 'frozen', as_of }, now)).toBe(Date.parse(as_of));
    /* Ten seconds at x60 are ten minutes; the two odd seconds wait for the next step. */
    const p: Play = { ...play, data: 'replay', as_of, since: '2026-11-27T11:59:55+08:00', speed: 60 };
    expect(dataTime(p, now)).toBe(Date.parse(as_of) + 10 * 60_000);
    expect(dataTime(p, now + 2900)).toBe(Date.parse(as_of) + 10 * 60_000);
    /* A replay never runs into the future, and a jump is of now whatever the scene is. */
    expect(dataTime({ ...p, speed: 3600_000 }, now)).toBe(now);
    expect(dataTime({ ...p, jump: 'air' }, now)).toBeNull();
  });
  it('enters a scene with its data, and leaves the jump', () => {
    expect(enter(briefing, 1, 'T')).toMatchObject({
      scene: 1,
      jump: null,
      data: 'frozen',
      as_of: '2026-11-27T08:00:00+08:00',
      since: null,
      speed: null,
    });
    expect(enter(briefing, 0, 'T')).toMatchObject({ scene: 0, data: 'live', as_of: null });
  });
});

it('what a panel shows: a name, a whole chart over a data set, or nothing of a broken text', () => {
  expect(chartOf({ chart: '{"of":"credit_ring","params":{"district":"320102"}}' })).toEqual({
    of: 'credit_ring',
    params: { district: '320102' },
    spec: null,
  });
  expect(
    chartOf({ chart: '{"set":"alarms_open","chart":"bar","bind":{"x":"district","y":["n"]}}' }).spec,
  ).toMatchObject({ set: 'alarms_open', chart: 'bar' });
  for (const chart of ['{', '[1]', '7', 'null', '{"set":"x"}', '', undefined])
    expect(chartOf({ chart })).toMatchObject({ of: '', spec: null });
});

describe('a window of another shape', () => {
  const panel = (id: string, kind: string, x: number, y: number, w: number, h: number): Panel => ({
    id,
    kind,
    x,
    y,
    w,
    h,
  });
  const wide = {
    code: 'a',
    name: '',
    name_en: '',
    width: 3840,
    height: 1080,
    theme: 'screen' as const,
    panels: [
      panel('head', 'title', 64, 28, 1800, 92),
      panel('clock', 'clock', 3120, 28, 656, 84),
      panel('l', 'headline', 64, 150, 1000, 500),
      panel('m', 'scroll', 1200, 140, 1540, 900),
      panel('r', 'chart', 2800, 150, 976, 500),
    ],
  };
  it('is filled with larger letters, nothing lost, nothing over another, nothing outside', () => {
    const d = desk(wide, 1920, 1080)!;
    expect(d.scale).toBeGreaterThan(0.5);
    expect(d.panels.map((p) => p.id).sort()).toEqual(['clock', 'head', 'l', 'm', 'r']);
    for (const [i, p] of d.panels.entries()) {
      expect(p.x >= 0 && p.y >= 0 && p.x + p.w <= d.width && p.y + p.h <= d.height).toBe(true);
      for (const q of d.panels.slice(i + 1)) expect(cuts(p, q)).toBe(false);
      const was = wide.panels.find((x) => x.id === p.id)!;
      if (p.kind !== 'title') expect(p.w >= was.w && p.h >= was.h).toBe(true);
    }
  });
  it('gains nothing where the canvas already has that shape', () => {
    expect(desk(wide, 3840, 1080)).toBeNull();
  });
});

describe('two designers at once', () => {
  const p = (id: string, x: number, title?: string | null) => ({ id, x, ...(title === undefined ? {} : { title }) });
  const base = [p('a', 1), p('b', 1), p('c', 1)];
  it('each keeps what only he changed', () => {
    const r = merge(
      base,
      [p('a', 2), p('b', 1), p('c', 1), p('mine', 5)],
      [p('a', 1, null), p('b', 9), p('theirs', 7)],
    );
    expect(r.both).toEqual([]);
    expect(r.panels).toEqual([p('a', 2), p('b', 9), p('theirs', 7), p('mine', 5)]);
  });
  it('what both changed is told, and mine stands', () => {
    const r = merge(base, [p('a', 2), p('b', 1)], [p('a', 3), p('b', 1), p('c', 4)]);
    expect(r.both.sort()).toEqual(['a', 'c']);
    expect(r.panels).toEqual([p('a', 2), p('b', 1)]);
    expect(merge(base, [p('a', 2), p('b', 1), p('c', 1)], [p('a', 2), p('b', 1), p('c', 1)]).both).toEqual([]);
  });
});

describe('snapping', () => {
  const canvas = { width: 1000, height: 500 };
  it('edges and middles draw what is near', () => {
    const s = snap({ x: 296, y: 203, w: 100, h: 100 }, [{ x: 100, y: 100, w: 200, h: 40 }], canvas);
    /* Left edge to the right edge of the other; its middle to that of the canvas. */
    expect([s.rect.x, s.x, s.rect.y, s.y]).toEqual([300, 300, 200, 250]);
  });
  it('what is far stays', () => {
    const s = snap({ x: 430, y: 30, w: 41, h: 41 }, [], canvas);
    expect([s.rect.x, s.rect.y, s.x, s.y]).toEqual([430, 30, null, null]);
  });
});
