/** The parts of a curve page that can be computed without a screen: runs of flags, x places, axis labels. */
import type { Period, Point, Series } from '@/api/types';
import { flagKind, isNormal } from '@/lib/flags';
import { gaps, STEP, usualStep, type Gap } from '@/lib/gaps';
import { minute, monthDay, parts } from '@/lib/format';

export interface Line {
  series: Series;
  label: string;
  unit: string;
  slot: number;
  points: Point[];
  sampled: boolean;
  total: number;
}
export interface Run {
  from: number;
  to: number;
  flag: string;
}

export const SHIFT = 8 * 3_600_000;
const HOUR = 3_600_000;

/** Hours are drawn at their end; everything else at its own time. */
export const place = (t: number, period: Period): number => (period === 'hour' ? t + HOUR : t);
export const unplace = (x: number, period: Period): number => (period === 'hour' ? x - HOUR : x);

/**
 * Distance of points that counts as "no gap". A sampled list keeps up to four points a bucket, so its
 * buckets set the scale.
 */
export function stepOf(
  line: Pick<Line, 'points' | 'sampled'>,
  period: Period,
  from: number,
  to: number,
): number | null {
  const usual = usualStep(line.points.map((p) => p[0]));
  if (line.sampled) return Math.max(usual ?? 0, ((to - from) / Math.max(1, line.points.length / 4)) * 1.4);
  return usual === null ? (STEP[period] ?? null) : Math.max(usual, STEP[period] ?? 0);
}

export function lineGaps(line: Line, period: Period, from: number, to: number): Gap[] {
  return gaps(line.points, stepOf(line, period, from, to));
}

/** Neighbouring points of one flag as one run; gaps part runs. Times are those of the points, `to` past the last one. */
export function runs(points: readonly Point[], step: number): Run[] {
  const out: Run[] = [];
  for (const [t, v, flag] of points) {
    const last = out[out.length - 1];
    const f = isNormal(flag) ? 'N' : flag;
    if (v === null && f === 'N') continue;
    if (last && last.flag === f && t - last.to < step * 0.6) last.to = t + step;
    else out.push({ from: t, to: t + step, flag: f });
  }
  return out;
}

/** The first point of each flagged run that has a value: where a chip is set. */
export function chips(points: readonly Point[], step: number): Point[] {
  const out: Point[] = [];
  let prev: Point | null = null;
  for (const p of points) {
    if (flagKind(p[2]) && !(prev && prev[2] === p[2] && p[0] - prev[0] <= step * 1.6)) out.push(p);
    prev = p;
  }
  return out;
}

/** Labels of the time axis. `x` is a place on the axis (hours already at their end). */
export function axisLabel(x: number, period: Period, span: number): string {
  const p = parts(x);
  const midnight = p.h === 0 && p.mi === 0;
  if (period === 'day' || span > 20 * 86_400_000) {
    if (!midnight) return '';
    return span > 200 * 86_400_000 && p.d === 1 ? `${p.y}-${String(p.mo).padStart(2, '0')}` : monthDay(x);
  }
  if (period === 'hour' && span <= 3.1 * 86_400_000) {
    if (p.mi !== 0) return '';
    return midnight ? `24\n${monthDay(x - 1)}` : String(p.h);
  }
  if (span > 3.1 * 86_400_000) return midnight ? monthDay(x) : `${p.h}:00`;
  return midnight ? `00:00\n${monthDay(x)}` : minute(x);
}

/** The point nearest in time; the list is in ascending order. */
export function nearest(points: readonly Point[], t: number): Point | null {
  if (points.length === 0) return null;
  let lo = 0;
  let hi = points.length - 1;
  while (hi - lo > 1) {
    const mid = (lo + hi) >> 1;
    if (points[mid]![0] <= t) lo = mid;
    else hi = mid;
  }
  return Math.abs(points[lo]![0] - t) <= Math.abs(points[hi]![0] - t) ? points[lo]! : points[hi]!;
}

export interface Axis {
  unit: string;
  lines: Line[];
}

/**
 * Curves that can share a value axis: same unit and no more than a factor of 20 between their largest values,
 * so that 0.1 mg/L of phosphorus is not a flat line under 50 mg/L of COD.
 */
export function axesOf(lines: readonly Line[]): Axis[] {
  const top = (l: Line): number => l.points.reduce((a, p) => Math.max(a, Math.abs(p[1] ?? 0)), 0);
  const out: Axis[] = [];
  for (const l of [...lines].sort((a, b) => top(b) - top(a))) {
    const fit = out.find((a) => a.unit === l.unit && top(a.lines[0]!) <= 20 * top(l));
    if (fit) fit.lines.push(l);
    else out.push({ unit: l.unit, lines: [l] });
  }
  /* The reader's order, not that of size. */
  const at = (a: Axis): number => Math.min(...a.lines.map((l) => lines.indexOf(l)));
  for (const a of out) a.lines.sort((x, y) => lines.indexOf(x) - lines.indexOf(y));
  return out.sort((a, b) => at(a) - at(b));
}
