/** The next round number above: where an axis ends. */
export function niceEnd(v: number): number {
  const grain = 10 ** Math.floor(Math.log10(Math.max(v, 1e-9)));
  const step = v < 2 * grain ? grain / 5 : v < 5 * grain ? grain / 2 : grain;
  return Number((Math.ceil(v / step - 1e-9) * step).toPrecision(6));
}
