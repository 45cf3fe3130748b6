/** Cases as people see them: the road through the states, what is left of a clock, what a way still needs. */
import type { Clock, Entry, Flow, May, Notice, Task } from '@/api/cases';
import type { Problem, Values } from '@/api/things';
import { date, dateMinute } from './format';
import { isEmpty } from './record';

export const ms = (us: number | null | undefined): number | null =>
  us === null || us === undefined ? null : Math.round(us / 1000);

const MIN = 60_000,
  HOUR = 60 * MIN,
  DAY = 24 * HOUR;
/** "余 1 天 7 时", "超 2 天": two units at most, days above a day. */
export function leftText(due: number, now: number, lang: string): string {
  const d = Math.abs(due - now);
  const days = Math.floor(d / DAY),
    hours = Math.floor((d % DAY) / HOUR),
    minutes = Math.floor((d % HOUR) / MIN);
  const en = lang === 'en';
  const part = (n: number, zh: string, e: string): string => (en ? `${n} ${e}` : `${n} ${zh}`);
  const text =
    days > 0
      ? hours && days < 10
        ? `${part(days, '天', 'd')} ${part(hours, '时', 'h')}`
        : part(days, '天', 'd')
      : hours > 0
        ? `${part(hours, '时', 'h')} ${part(minutes, '分', 'min')}`
        : minutes > 0
          ? part(minutes, '分', 'min')
          : en
            ? 'under a min'
            : '不到 1 分';
  return en ? (due >= now ? `${text} left` : `${text} over`) : due >= now ? `余 ${text}` : `超 ${text}`;
}

/** The end of a day is said as 24:00 of that day, never as 0:00 of the next; half a minute later is the next. */
export const dueText = (due: number): string =>
  date(due) === date(due - 1) ? dateMinute(due) : `${date(due - 1)} 24:00`;

export type Tone = 'calm' | 'soon' | 'over' | 'done' | 'paused';
/** How much of a clock's time is gone, without what was paused. */
export function clockShare(c: Clock, now: number): number {
  const start = c.start_us / 1000,
    due = ms(c.due_us);
  const end = Math.min(ms(c.done_us) ?? now, now);
  if (due === null || due <= start) return 0;
  const out = (c.spans ?? []).reduce(
    (sum, s) => sum + Math.max(0, Math.min((s.to_us ?? Infinity) / 1000, end) - Math.max(s.from_us / 1000, start)),
    0,
  );
  const whole = (c.spans ?? []).reduce(
    (sum, s) => sum + Math.max(0, Math.min((s.to_us ?? Infinity) / 1000, due) - Math.max(s.from_us / 1000, start)),
    0,
  );
  return Math.max(0, (end - start - out) / Math.max(1, due - start - whole));
}
export function clockTone(c: Clock, now: number): Tone {
  if (c.done_us !== undefined && c.done_us !== null) return 'done';
  const due = ms(c.due_us);
  if (due === null) return 'paused';
  if (now > due) return 'over';
  return clockShare(c, now) >= 0.8 ? 'soon' : 'calm';
}
export const dueTone = (due: number | null, now: number): Tone =>
  due === null ? 'calm' : due < now ? 'over' : due - now < DAY ? 'soon' : 'calm';

/* --- the road ----------------------------------------------------------------------------------- */

export interface Step {
  id: string;
  title: { zh: string; en: string };
  state: 'past' | 'here' | 'ahead';
  from: number | null;
  to: number | null;
  times: number;
}
/**
 * What was gone through in the order of the first entering, where the case is, and then the first way on of each state: the
 * road that a case takes when nothing special happens.
 */
export function road(flow: Pick<Flow, 'states' | 'start'>, trace: readonly Entry[], here: string): Step[] {
  const by = new Map(flow.states.map((s) => [s.id, s]));
  const moves = trace.filter((e) => e.to_state);
  const seen: string[] = [];
  const enter = new Map<string, number>(),
    leave = new Map<string, number>(),
    times = new Map<string, number>();
  for (const e of moves) {
    if (e.from_state && e.from_state !== e.to_state) leave.set(e.from_state, e.at_us);
    enter.set(e.to_state, e.at_us);
    times.set(e.to_state, (times.get(e.to_state) ?? 0) + 1);
    if (!seen.includes(e.to_state)) seen.push(e.to_state);
  }
  if (!seen.includes(flow.start)) seen.unshift(flow.start);
  /* A case that was sent back stands earlier on the road: what comes behind it lies ahead again. */
  const at = seen.indexOf(here);
  const past = at < 0 ? seen : seen.slice(0, at);
  const ahead: string[] = [];
  for (let s = by.get(here); s;) {
    const next = s.leave?.map((l) => l.to).find((to) => to !== here && !past.includes(to) && !ahead.includes(to));
    if (!next || !by.has(next)) break;
    ahead.push(next);
    s = by.get(next);
  }
  const step = (id: string, state: Step['state']): Step => ({
    id,
    title: by.get(id)?.title ?? { zh: id, en: id },
    state,
    from: ms(enter.get(id) ?? null),
    to: state === 'past' ? ms(leave.get(id) ?? null) : null,
    times: times.get(id) ?? 0,
  });
  return [...past.map((id) => step(id, 'past')), step(here, 'here'), ...ahead.map((id) => step(id, 'ahead'))];
}

/* --- ways on ------------------------------------------------------------------------------------ */

/** What a way still needs when the fields of the draft are counted as filled in. */
export function missing(way: May, draft: Values): Problem[] {
  return (way.missing ?? []).filter((p) => p.what !== 'field' || !p.id || isEmpty(draft[p.id]));
}
/** Guards are judged by the server over what is saved: a changed draft may answer them. */
export const lacks = (way: May, draft: Values, changed: boolean): Problem[] =>
  missing(way, draft).filter((p) => p.what !== 'guard' || !changed);
export const blocked = (way: May, draft: Values, changed: boolean): boolean => lacks(way, draft, changed).length > 0;

/* --- tasks --------------------------------------------------------------------------------------- */

export type Bin = 'over' | 'today' | 'week' | 'later' | 'free';
/** Mine by the nearest time; what nobody has yet stands apart. Days are those of the city. */
export function bins(tasks: readonly Task[], now: number): { bin: Bin; tasks: Task[] }[] {
  const dayEnd = Math.floor((now + 8 * HOUR) / DAY) * DAY + DAY - 8 * HOUR;
  const bin = (t: Task): Bin => {
    const due = ms(t.due_us);
    if (due !== null && due < now) return 'over';
    if (!t.mine) return 'free';
    return due === null || due >= dayEnd + 6 * DAY ? 'later' : due < dayEnd ? 'today' : 'week';
  };
  const sorted = [...tasks].sort(
    (a, b) => (a.due_us ?? Infinity) - (b.due_us ?? Infinity) || a.created_us - b.created_us,
  );
  return (['over', 'today', 'week', 'later', 'free'] as const)
    .map((b) => ({ bin: b, tasks: sorted.filter((t) => bin(t) === b) }))
    .filter((g) => g.tasks.length);
}

export function size(bytes: number): string {
  return bytes < 1024
    ? `${bytes} B`
    : bytes < 1024 ** 2
      ? `${(bytes / 1024).toFixed(0)} KB`
      : `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}
export const isPicture = (type: string): boolean => /^image\/(png|jpe?g|gif|webp)$/.test(type);
export const unread = (n: Notice): boolean => !n.read;

/** Links of messages are pages of ours: "/c/flow/id", "case/flow/id", "thing/type/id". */
export function noticeTarget(link: string | undefined): string | null {
  if (!link) return null;
  const m = /^\/?(case|thing)s?[/:]([\w.-]+)[/:]([\w-]+)$/.exec(link);
  if (m) return `/${m[1] === 'case' ? 'c' : 'r'}/${m[2]}/${m[3]}`;
  return link.startsWith('/') && !link.startsWith('//') ? link : null;
}
