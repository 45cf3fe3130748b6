/** A straight line through pairs by least squares, with what it is worth. Pure. */
export interface Fit {
  n: number;
  slope: number;
  at0: number;
  /** Correlation of Pearson. */
  r: number;
  /** The 95 % interval of the slope. */
  low: number;
  high: number;
}

/** Quantile of Student's t, both tails together 5 %: by the expansion of Cornish and Fisher; the first few by the table. */
export function t95(df: number): number {
  const few = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447];
  if (df < 1) return NaN;
  if (df <= few.length) return few[df - 1]!;
  const z = 1.959963985;
  const [z3, z5, z7] = [z ** 3, z ** 5, z ** 7];
  return (
    z +
    (z3 + z) / (4 * df) +
    (5 * z5 + 16 * z3 + 3 * z) / (96 * df ** 2) +
    (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * df ** 3)
  );
}

/** null with fewer than three pairs, or where x or y never changes. */
export function fit(pairs: readonly (readonly [number, number])[]): Fit | null {
  const n = pairs.length;
  if (n < 3) return null;
  const mx = pairs.reduce((s, p) => s + p[0], 0) / n;
  const my = pairs.reduce((s, p) => s + p[1], 0) / n;
  let [xx, yy, xy] = [0, 0, 0];
  for (const [x, y] of pairs) {
    xx += (x - mx) ** 2;
    yy += (y - my) ** 2;
    xy += (x - mx) * (y - my);
  }
  if (xx === 0 || yy === 0) return null;
  const slope = xy / xx;
  const half = t95(n - 2) * Math.sqrt(Math.max(0, yy - slope * xy) / (n - 2) / xx);
  return { n, slope, at0: my - slope * mx, r: xy / Math.sqrt(xx * yy), low: slope - half, high: slope + half };
}
