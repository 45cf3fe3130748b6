/** The next round number above: where an axis ends. */
export function niceEnd(v: number): number {
  const grain = 10 ** Math.floor(Math.log10(Math.max(v, 1e-9)));
  return [1, 1.5, 2, 3, 4, 5, 6, 8, 10].map((k) => k * grain).find((k) => k >= v) ?? 10 * grain;
}
