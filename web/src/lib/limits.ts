/** A limit as a line over time: from when to when it was in force, and whether it is for the time that is drawn. */
import type { Averaging, Limit } from '@/api/types';
import { parse } from '@/lib/format';

export interface LimitStep {
  from: number;
  to: number;
  value: number;
  low: boolean;
  dashed: boolean;
  text: string;
}

/**
 * The steps of the limits inside a window. Solid only where the averaging time of the limit is that of the curve; the
 * others are for reference (section 7 of the design reference).
 */
export function limitSteps(
  limits: readonly Limit[],
  drawn: Averaging | 'minute',
  from: number,
  to: number,
): LimitStep[] {
  const out: LimitStep[] = [];
  for (const l of limits) {
    const a = Math.max(from, parse(l.from) ?? -Infinity);
    const b = Math.min(to, parse(l.to) ?? Infinity);
    if (b <= a) continue;
    const text = [l.standard, l.clause].filter(Boolean).join(' ');
    for (const low of [false, true]) {
      const v = low ? l.act.data.low : l.act.data.high;
      if (typeof v === 'number') out.push({ from: a, to: b, value: v, low, dashed: l.averaging !== drawn, text });
    }
  }
  return out;
}
