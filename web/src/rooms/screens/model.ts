/** Screens, briefings, plays and walls as they are kept (modules/display/screens), and what follows from them. Pure. */
import type { Thing } from '@/api/things';
import type { ChartSpec } from '@/board/types';
import { parse } from '@/lib/format';

export interface Rect {
  x: number;
  y: number;
  w: number;
  h: number;
}
export interface Panel extends Rect {
  id: string;
  kind: string;
  title?: string;
  title_en?: string;
  z?: number;
  phone?: number;
  chart?: string;
  text?: string;
  text_en?: string;
}
export interface Screen {
  code: string;
  name: string;
  name_en: string;
  width: number;
  height: number;
  theme: 'screen' | 'dark' | 'light';
  panels?: Panel[];
}
export type DataMode = 'live' | 'frozen' | 'replay';
export interface Scene {
  title: string;
  screen: string;
  data: DataMode;
  as_of?: string;
  speed?: number;
  focus?: string;
  minutes: number;
  notes?: string;
  layout?: number;
}
export interface Briefing {
  title: string;
  occasion?: string;
  scenes?: Scene[];
  wall?: string;
}
export interface Play {
  title: string;
  briefing?: string;
  briefing_version?: number;
  screen?: string;
  mode: 'rehearse' | 'live';
  scene: number;
  data: DataMode;
  as_of?: string;
  since?: string;
  speed?: number;
  jump?: string;
  focus?: string;
  blank?: boolean;
  spot?: { x: number; y: number };
  ended?: boolean;
  remarks?: { scene?: number; text: string }[];
  seconds?: { scene?: number; n?: number }[];
}
export interface Output extends Rect {
  node: number;
}
export interface Wall {
  name: string;
  width: number;
  height: number;
  outputs?: Output[];
  controller?: string;
  dialect?: string;
}

/** A change is shown this long after the server wrote it, so that all screens have it by then. */
export const LEAD = 250;
/** The change of scenes. */
export const FADE = 400;

export const fields = <T>(t: Thing): T => t.fields as unknown as T;
/** When a version of a play is shown, by the server's clock. */
export const applyAt = (play: Thing): number => (parse(play.changed) ?? 0) + LEAD;

export const cuts = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
export const panelsOf = (s: Screen): Panel[] => [...(s.panels ?? [])].sort((a, b) => (a.z ?? 0) - (b.z ?? 0));
export const panelsIn = (s: Screen, r: Rect): Panel[] => panelsOf(s).filter((p) => cuts(p, r));
export const phonePanels = (s: Screen): Panel[] =>
  (s.panels ?? []).filter((p) => (p.phone ?? 0) > 0).sort((a, b) => a.phone! - b.phone!);

/** "x,y,w,h" of the address; null when it is none. */
export function rectOf(text: unknown): Rect | null {
  const n = typeof text === 'string' ? text.split(',').map(Number) : [];
  return n.length === 4 && n.every((v) => Number.isFinite(v) && v >= 0) && n[2]! > 0 && n[3]! > 0
    ? { x: n[0]!, y: n[1]!, w: n[2]!, h: n[3]! }
    : null;
}

/** Which screen a play shows now. */
export function screenOf(p: Play, b: Briefing | null): string {
  if (p.jump) return p.jump;
  return b?.scenes?.[p.scene]?.screen ?? p.screen ?? '';
}

const STEP = 5000;
/** The moment whose data are shown: null = now. A replay moves in steps of five seconds of the server's clock, so that every device asks for the same moment. */
export function dataTime(p: Play, now: number): number | null {
  if (p.jump || p.data === 'live') return null;
  const from = parse(p.as_of);
  if (p.data === 'frozen') return from;
  const since = parse(p.since) ?? now;
  const gone = Math.max(0, Math.floor((now - since) / STEP) * STEP) * (p.speed ?? 1);
  return from === null ? null : Math.min(from + gone, now);
}

/** What of a play changes when its scene does. */
export function enter(b: Briefing, scene: number, now: string): Partial<Record<keyof Play, unknown>> {
  const s = b.scenes?.[scene];
  return {
    scene,
    jump: null,
    spot: null,
    data: s?.data ?? 'live',
    as_of: s?.as_of ?? null,
    focus: s?.focus ?? null,
    since: s?.data === 'replay' ? now : null,
    speed: s?.data === 'replay' ? (s.speed ?? 60) : null,
  };
}
export const minutesOf = (b: Briefing): number => (b.scenes ?? []).reduce((n, s) => n + s.minutes, 0);

/** What a panel shows: {"of": ...} names it, else it is a whole chart over a data set; broken text is nothing. */
export interface Shown {
  of: string;
  params: Record<string, unknown>;
  spec: ChartSpec | null;
}
export function chartOf(p: Pick<Panel, 'chart'>): Shown {
  let v: unknown = null;
  try {
    v = JSON.parse(p.chart || '{}');
  } catch {
    /* nothing */
  }
  const o = (v && typeof v === 'object' && !Array.isArray(v) ? v : {}) as Partial<ChartSpec> & { of?: unknown };
  return {
    of: typeof o.of === 'string' ? o.of : '',
    params: o.params && typeof o.params === 'object' ? o.params : {},
    spec: (o.set || o.spec) && o.chart && o.bind ? (o as ChartSpec) : null,
  };
}

/** Moved or stretched on a grid, and kept on the canvas. */
export function place(r: Rect, canvas: { width: number; height: number }, grid = 10, least = 40): Rect {
  const snap = (v: number): number => Math.round(v / grid) * grid;
  const w = Math.min(Math.max(snap(r.w), least), canvas.width),
    h = Math.min(Math.max(snap(r.h), least), canvas.height);
  return {
    x: Math.min(Math.max(snap(r.x), 0), canvas.width - w),
    y: Math.min(Math.max(snap(r.y), 0), canvas.height - h),
    w,
    h,
  };
}

/** Outputs side by side: columns x rows of the same size. */
export function tile(width: number, height: number, columns: number, rows: number): Output[] {
  const w = Math.floor(width / columns),
    h = Math.floor(height / rows);
  return Array.from({ length: columns * rows }, (_, i) => ({
    node: i + 1,
    x: (i % columns) * w,
    y: Math.floor(i / columns) * h,
    w,
    h,
  }));
}

/* --- the same panels in a window of another shape --- */
const GAP = 48,
  MARGIN = 48;
const HEAD = new Set(['title', 'clock', 'weather']);
export interface Desk {
  scale: number;
  width: number;
  height: number;
  panels: Panel[];
}
/** Largest first, each where there is room highest up, then furthest left; null: they do not all fit. */
function pack(panels: readonly Panel[], w: number, h: number): Panel[] | null {
  const out: Panel[] = [];
  for (const p of panels) {
    const xs = [0, ...out.map((q) => q.x + q.w + GAP)].filter((x) => x + p.w <= w).sort((a, b) => a - b);
    const ys = [0, ...out.map((q) => q.y + q.h + GAP)].filter((y) => y + p.h <= h).sort((a, b) => a - b);
    let at: Panel | null = null;
    for (const y of ys) {
      const x = xs.find(
        (v) => !out.some((q) => cuts({ x: v, y, w: p.w + GAP, h: p.h + GAP }, { ...q, w: q.w + GAP, h: q.h + GAP })),
      );
      if (x !== undefined) {
        at = { ...p, x, y };
        break;
      }
    }
    if (!at) return null;
    out.push(at);
  }
  return out;
}
/** What is free to the right of a panel and below it is given to it. */
function grow(panels: Panel[], w: number, h: number): void {
  for (const p of panels) {
    const beside = panels.filter((q) => q !== p && q.x >= p.x + p.w && q.y < p.y + p.h + GAP && p.y < q.y + q.h + GAP);
    p.w = Math.min(w, ...beside.map((q) => q.x - GAP)) - p.x;
  }
  for (const p of panels) {
    const below = panels.filter((q) => q !== p && q.y >= p.y + p.h && q.x < p.x + p.w + GAP && p.x < q.x + q.w + GAP);
    p.h = Math.min(h, ...below.map((q) => q.y - GAP)) - p.y;
  }
}
/** Panels laid anew so that a window is filled and letters are as large as they can be; null where that would gain nothing. */
export function desk(s: Screen, w: number, h: number): Desk | null {
  const fit = Math.min(w / s.width, h / s.height);
  const all = panelsOf(s),
    head = all.filter((p) => HEAD.has(p.kind)),
    rest = all.filter((p) => !HEAD.has(p.kind)).sort((a, b) => b.w * b.h - a.w * a.h || a.y - b.y || a.x - b.x);
  const top = head.reduce((n, p) => Math.max(n, p.h), 0);
  for (let scale = 1; scale > fit * 1.08; scale *= 0.97) {
    const width = Math.round(w / scale),
      height = Math.round(h / scale),
      room = { w: width - 2 * MARGIN, h: height - top - GAP / 2 - 2 * MARGIN };
    const panels = pack(rest, room.w, room.h);
    if (!panels) continue;
    grow(panels, room.w, room.h);
    for (const p of panels) Object.assign(p, { x: p.x + MARGIN, y: p.y + MARGIN + top + GAP / 2 });
    /* The head keeps its order: what stands on the right half of the canvas goes to the right. */
    let right = width - MARGIN;
    for (const p of [...head].sort((a, b) => b.x - a.x)) {
      if (p.x + p.w / 2 > s.width / 2 && right - p.w > width * 0.4)
        panels.push({ ...p, x: (right -= p.w), y: MARGIN / 2 });
      else if (p.x + p.w / 2 <= s.width / 2)
        panels.push({ ...p, x: MARGIN, y: MARGIN / 2, w: Math.max(40, Math.min(p.w, right - MARGIN)) });
    }
    return { scale, width, height, panels };
  }
  return null;
}
/** Panels changed by two people at once: what only one changed is taken from him; what both changed is told. */
export interface Merged<T> {
  panels: T[];
  both: string[];
}
export function merge<T extends { id: string }>(
  base: readonly T[],
  mine: readonly T[],
  theirs: readonly T[],
): Merged<T> {
  const by = (l: readonly T[]): Map<string, T> => new Map(l.map((p) => [p.id, p]));
  const was = by(base),
    me = by(mine),
    they = by(theirs);
  const same = (a: T | undefined, b: T | undefined): boolean => canonical(a) === canonical(b);
  const panels: T[] = [],
    both: string[] = [];
  for (const id of new Set([...they.keys(), ...me.keys(), ...was.keys()])) {
    const [b, m, t] = [was.get(id), me.get(id), they.get(id)];
    const pick = same(m, b) ? t : m;
    if (!same(m, b) && !same(t, b) && !same(m, t)) both.push(id);
    if (pick) panels.push(pick);
  }
  return { panels, both };
}
/** The same whatever the order of members, and what is empty is as if it were not there. */
const canonical = (v: object | undefined): string =>
  v
    ? JSON.stringify(
        Object.entries(v)
          .filter(([, x]) => x !== null && x !== undefined && x !== '')
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      )
    : '';

/* --- lines to which a moved panel jumps --- */
export interface Snapped {
  rect: Rect;
  x: number | null;
  y: number | null;
}
/** Edges and middles of the others and of the canvas draw what comes nearer than `near`. */
export function snap(r: Rect, others: readonly Rect[], canvas: { width: number; height: number }, near = 12): Snapped {
  const all = [...others, { x: 0, y: 0, w: canvas.width, h: canvas.height }];
  const pull = (at: number, size: number, lines: number[]): { by: number; line: number } | null => {
    let best: { by: number; line: number } | null = null;
    for (const line of lines)
      for (const own of [at, at + size / 2, at + size]) {
        const by = line - own;
        if (Math.abs(by) <= near && (!best || Math.abs(by) < Math.abs(best.by))) best = { by, line };
      }
    return best;
  };
  const x = pull(
      r.x,
      r.w,
      all.flatMap((o) => [o.x, o.x + o.w / 2, o.x + o.w]),
    ),
    y = pull(
      r.y,
      r.h,
      all.flatMap((o) => [o.y, o.y + o.h / 2, o.y + o.h]),
    );
  return {
    rect: { ...r, x: Math.round(r.x + (x?.by ?? 0)), y: Math.round(r.y + (y?.by ?? 0)) },
    x: x?.line ?? null,
    y: y?.line ?? null,
  };
}
