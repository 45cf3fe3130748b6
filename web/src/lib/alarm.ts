/**
 * What an alarm says at a glance: level, title (place, factor, change), value against its limit, how long. Pure, so
 * that queue, detail, map and announcements say the same.
 */
import type { Alarm, AlarmMember } from '@/api/types';
import { factorLabel, NONE, parse, THIN, unit, value } from '@/lib/format';

/** 1 urgent, 2 important, 3 ordinary, 4 notice: octagon, triangle, diamond, disc. */
export type Level = 1 | 2 | 3 | 4;
export const LEVELS: readonly Level[] = [1, 2, 3, 4];
/** The shape of each in a box of 20, so that they are told apart in grey, on the page and on the map. */
export const SHAPE: Record<Level, string> = {
  1: 'M6.2 1.5h7.6l4.7 4.7v7.6l-4.7 4.7H6.2l-4.7-4.7V6.2z',
  2: 'M10 1.2 19 18H1z',
  3: 'M10 .8 19.2 10 10 19.2 .8 10z',
  4: 'M10 1a9 9 0 1 0 0 18 9 9 0 0 0 0-18z',
};

/** The server grades them, by standards/alarms; which sites' are urgent stands there too. */
const LEVEL_OF: Record<Alarm['severity'], Level> = { urgent: 1, serious: 2, warning: 3, notice: 4 };
export const levelOf = (a: Pick<Alarm, 'severity'>): Level => LEVEL_OF[a.severity];

/** The member that is told first: the gravest, then the first. */
export function lead(a: Pick<Alarm, 'members'>): AlarmMember | null {
  const grave = { serious: 0, warning: 1, notice: 2 } as Record<string, number>;
  return [...a.members].sort((x, y) => (grave[x.severity ?? ''] ?? 3) - (grave[y.severity ?? ''] ?? 3))[0] ?? null;
}

export const worst = (m: AlarmMember): number | null => m.peak ?? m.first;

/** Which side of the limit the value is on: a low bound alone, or a value under it, means too low. */
export function isLow(m: AlarmMember): boolean {
  const v = worst(m);
  const l = m.limit;
  if (l?.low === undefined || l.low === null) return false;
  return l.high === undefined || l.high === null || (v !== null && v < l.low);
}

/** Times the limit is exceeded by: 0.45 for 72.5 against 50. Null where a ratio says nothing (pH, a low bound). */
export function excess(m: AlarmMember): number | null {
  const v = worst(m);
  const high = m.limit?.high;
  if (v === null || !high || isLow(m) || m.limit?.low !== undefined) return null;
  return v / high - 1;
}

export interface Says {
  (key: string, named?: Record<string, unknown>): string;
}

/** Place + factor + change. `t` is the words of the reader's language. */
export function title(a: Alarm, t: Says, lang: string): string {
  const place = a.site ? a.site.name + (a.point ? ` ${a.point}` : '') : t('alarm.platform');
  return `${place} ${change(a, t, lang)}`;
}

export function change(a: Alarm, t: Says, lang: string): string {
  const m = lead(a);
  const factor = m?.factor
    ? factorLabel(
        { factor: m.factor, ...(m.name ? { name: m.name } : {}), ...(m.name_en ? { name_en: m.name_en } : {}) },
        lang,
      )
    : '';
  switch (a.kind) {
    case 'exceedance':
      return t(m && isLow(m) ? 'alarm.isLow' : 'alarm.isOver', { factor });
    case 'silence':
      return t('alarm.isSilent');
    case 'outage':
      return t('alarm.isOut', { n: m?.devices ?? a.member_count });
    case 'clock':
      return t('alarm.isOff');
    case 'flags':
      return t('alarm.isMarked', { factor });
    case 'platform':
      return t('alarm.isDeaf');
    default:
      return lang === 'en' ? a.text_en : a.text;
  }
}

/** "72.5 mg/L, limit 50", or what stands for it where there is no value. */
export function sentence(a: Alarm, t: Says): string {
  const m = lead(a);
  if (!m) return NONE;
  if (a.kind === 'exceedance') {
    const l = m.limit;
    const bound = isLow(m) ? l?.low : l?.high;
    return t('alarm.valueLimit', {
      value: [value(worst(m), m.factor), unit(m.unit)].filter(Boolean).join(' '),
      limit: bound ?? NONE,
      averaging: m.averaging ? t(`alarm.${m.averaging}`) : '',
    });
  }
  if (a.kind === 'clock') return t('alarm.offBy', { s: value(m.first) });
  if (a.kind === 'silence') return m.mn ?? NONE;
  if (a.kind === 'outage') return m.route ?? NONE;
  return m.mn ?? m.mns?.join(' ') ?? NONE;
}

/** How long it has stood, ms: to its clearing, or to now. */
export function stood(a: Pick<Alarm, 'start' | 'cleared'>, now: number): number {
  const from = parse(a.start);
  return from === null ? 0 : Math.max(0, (parse(a.cleared) ?? now) - from);
}

/** Level first, then the newest. */
export function bySeverity(a: Alarm, b: Alarm): number {
  return levelOf(a) - levelOf(b) || byTime(a, b);
}
export function byTime(a: Alarm, b: Alarm): number {
  return (parse(b.start) ?? 0) - (parse(a.start) ?? 0) || (a.id < b.id ? -1 : 1);
}

/**
 * What the queue shows after an alarm came or changed: those shown stay where they are, whatever became of them; what
 * is new waits until the reader asks (or takes no notice of the list just now).
 */
export function merge(
  shown: readonly Alarm[],
  waiting: readonly Alarm[],
  a: Alarm,
  belongs: boolean,
): { shown: Alarm[]; waiting: Alarm[] } {
  const at = shown.findIndex((x) => x.id === a.id);
  if (at >= 0) {
    /* The list may have been read after what the stream still tells. */
    if (shown[at]!.version > a.version) return { shown: [...shown], waiting: [...waiting] };
    return { shown: shown.map((x, i) => (i === at ? a : x)), waiting: [...waiting] };
  }
  const rest = waiting.filter((x) => x.id !== a.id);
  return { shown: [...shown], waiting: belongs ? [...rest, a] : rest };
}

/** Tone of the tag of a state. */
export const STATE_TONE: Record<string, string> = {
  raised: 'cinnabar',
  acknowledged: 'brand',
  cleared: 'jade',
  closed: 'jade',
  withdrawn: 'plum',
};

/** "+45%" as the design writes it: over by so many times from one time on. */
export function excessText(x: number, lang: string): string {
  if (x >= 1) return lang === 'en' ? `${(x + 1).toFixed(1)}× the limit` : `超${THIN}${x.toFixed(1)}${THIN}倍`;
  const p = `${(x * 100).toFixed(0)}%`;
  return lang === 'en' ? `${p} above` : `超${THIN}${p}`;
}
