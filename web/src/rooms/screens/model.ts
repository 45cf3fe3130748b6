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
