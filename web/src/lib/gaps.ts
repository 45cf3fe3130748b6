/** Where data are missing: the line is broken there, and the band says how long. */
export interface Gap {
  from: number;
  to: number;
  missing: number;
}

/** Nominal distance of a period's points in ms; for instants it is taken from the data. */
export const STEP: Record<string, number> = { hour: 3_600_000, day: 86_400_000 };

/**
 * The usual distance between neighbours: the median, so that outages and bursts do not shift it.
 * Null with fewer than three points, since nothing can be said then.
 */
export function usualStep(times: readonly number[]): number | null {
  if (times.length < 3) return null;
  const d: number[] = [];
  for (let i = 1; i < times.length; i++) if (times[i]! > times[i - 1]!) d.push(times[i]! - times[i - 1]!);
  if (d.length === 0) return null;
  d.sort((a, b) => a - b);
  return d[d.length >> 1]!;
}

/**
 * Gaps between points in ascending time. A distance up to 1.5 steps is jitter of a clock, not a gap.
 * A point without a value counts as missing.
 */
export function gaps(points: readonly (readonly [number, number | null, ...unknown[]])[], step: number | null): Gap[] {
  if (!step || step <= 0) return [];
  const out: Gap[] = [];
  let last: number | null = null;
  for (const [t, v] of points) {
    if (v === null) continue;
    if (last !== null && t - last > step * 1.5) {
      out.push({ from: last, to: t, missing: Math.max(1, Math.round((t - last) / step) - 1) });
    }
    last = t;
  }
  return out;
}

/** The gap from the last point to the end of the window; only past times count. */
export function tailGap(lastTime: number | null, to: number, now: number, step: number | null): Gap | null {
  const end = Math.min(to, now);
  if (lastTime === null || !step || end - lastTime <= step * 2.5) return null;
  return { from: lastTime, to: end, missing: Math.round((end - lastTime) / step) - 1 };
}

/** Stretches missing in every one of the lists: only these are hatched over the whole plot. */
export function commonGaps(lists: readonly Gap[][]): Gap[] {
  if (lists.length === 0) return [];
  return lists.reduce((a, b) => {
    const out: Gap[] = [];
    for (const x of a) {
      for (const y of b) {
        const from = Math.max(x.from, y.from);
        const to = Math.min(x.to, y.to);
        if (to > from) out.push({ from, to, missing: Math.min(x.missing, y.missing) });
      }
    }
    return out;
  });
}

/** Points with a null set inside each gap, so that a chart breaks its line there. */
export function broken<T extends readonly [number, number | null, ...unknown[]]>(
  points: readonly T[],
  found: readonly Gap[],
): (T | [number, null])[] {
  const out: (T | [number, null])[] = [];
  let g = 0;
  for (const p of points) {
    while (g < found.length && found[g]!.to <= p[0]) {
      out.push([(found[g]!.from + found[g]!.to) / 2, null]);
      g++;
    }
    out.push(p);
  }
  return out;
}
