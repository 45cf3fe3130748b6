/** Hours and days of the review as squares: a letter for the state, a number for how many. No limit stands here. */
import type { HourState, ReviewDay, ReviewHour } from '@/api/types';
import { parse } from '@/lib/format';

/** The graver first: what a day is called by. */
export const STATE_ORDER: readonly HourState[] = ['invalid', 'missing', 'stopped', 'excused', 'not_due', 'valid'];
export const STATE_LETTER: Record<HourState, { zh: string; en: string }> = {
  valid: { zh: '有', en: 'V' },
  invalid: { zh: '无', en: 'X' },
  missing: { zh: '缺', en: 'M' },
  stopped: { zh: '停', en: 'S' },
  excused: { zh: '免', en: 'E' },
  not_due: { zh: '—', en: '—' },
};

export interface Square {
  state: HourState;
  valid: number;
  due: number;
}

/** A day by its gravest hours; a day on which nothing was due is `not_due` only where no other hour stands. */
export function square(d: Pick<ReviewDay, 'hours'>): Square {
  const n = (s: HourState): number => d.hours[s] ?? 0;
  const due = n('valid') + n('invalid') + n('missing') + n('excused');
  const grave = STATE_ORDER.find((s) => s !== 'not_due' && s !== 'valid' && n(s) > 0);
  return { state: grave ?? (n('valid') > 0 ? 'valid' : 'not_due'), valid: n('valid'), due };
}

export interface Stretch {
  from: number;
  to: number;
  state: HourState;
}

/** Neighbouring hours of one state as one stretch; hours on which nothing was due are left out. */
export function stretches(hours: readonly Pick<ReviewHour, 'time' | 'state'>[]): Stretch[] {
  const out: Stretch[] = [];
  for (const h of hours) {
    const t = parse(h.time);
    if (t === null || h.state === 'not_due') continue;
    const last = out[out.length - 1];
    if (last && last.state === h.state && last.to === t) last.to = t + 3_600_000;
    else out.push({ from: t, to: t + 3_600_000, state: h.state });
  }
  return out;
}

/** The id of a finding, as docs/explain.md writes it; times of findings are microseconds. */
export const findingId = (
  kind: string,
  site: number,
  point: string,
  factor: string,
  sub: string,
  start: number,
): string => `${kind}~${site}~${point}~${factor}~${sub}~${Math.round(start)}000`;
