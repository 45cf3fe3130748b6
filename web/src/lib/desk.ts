/** The duty desk as figures: rows of the queue, the six stages of an event, the roster of a day. Pure. */
import type { Case, CaseHead, Entry } from '@/api/cases';
import type { Thing, Words } from '@/api/things';
import type { Level } from './alarm';
import { DAY, parse } from './format';

export interface Row {
  id: string;
  no: string;
  title: string;
  nature: string;
  grade: Level;
  state: string;
  stateTitle: Words | undefined;
  area: string;
  signals: number;
  sources: string[];
  seen: number;
  found: number;
  due: number | null;
  place: { lon: number; lat: number } | null;
  object: string;
  owner: string;
  supervised: boolean;
}
export const pointOf = (v: unknown): { lon: number; lat: number } | null => {
  const c = (v as { coordinates?: number[] } | null | undefined)?.coordinates;
  return Array.isArray(c) && typeof c[0] === 'number' && typeof c[1] === 'number' ? { lon: c[0], lat: c[1] } : null;
};
const level = (v: unknown): Level => (['1', '2', '3', '4'].includes(String(v)) ? Number(v) : 4) as Level;
export function rowOf(c: CaseHead, r: Pick<Thing, 'fields'> | undefined): Row {
  const f = r?.fields ?? {};
  return {
    id: c.id,
    no: String(f.no ?? ''),
    title: c.title,
    nature: String(f.nature ?? ''),
    grade: level(f.grade),
    state: c.state,
    stateTitle: c.state_title,
    area: c.area,
    signals: Number(f.signals ?? 0),
    sources: String(f.sources ?? '')
      .split(' ')
      .filter(Boolean),
    seen: parse(f.first_seen as string) ?? c.opened_us / 1000,
    found: parse(f.found_at as string) ?? c.opened_us / 1000,
    due: c.due_us === undefined || c.due_us === null ? null : c.due_us / 1000,
    place: pointOf(f.place),
    object: String(f.object_name ?? f.object ?? ''),
    owner: String(f.owner ?? ''),
    supervised: !!c.supervised_us,
  };
}
/** Grade first, then what is due soonest; without a time at the end, the elder first. */
export const byGrade = (a: Row, b: Row): number => a.grade - b.grade || byDue(a, b);
export const byDue = (a: Row, b: Row): number =>
  (a.due ?? Infinity) - (b.due ?? Infinity) || a.found - b.found || (a.id < b.id ? -1 : 1);
export const byArea = (a: Row, b: Row): number => (a.area || '~').localeCompare(b.area || '~') || byGrade(a, b);

/**
 * What the reader sees stays where it is; what is new comes at the end of `waiting` until he asks; what no longer belongs goes,
 * unless it is the one he has open.
 */
export function settle(
  order: readonly string[],
  found: readonly string[],
  open: string | null,
): { order: string[]; waiting: string[] } {
  const there = new Set(found);
  const kept = order.filter((id) => there.has(id) || id === open);
  const shown = new Set(kept);
  return { order: kept, waiting: found.filter((id) => !shown.has(id)) };
}

/* --- the six stages ------------------------------------------------------------------------------- */

export const STAGES = ['find', 'confirm', 'dispatch', 'decide', 'close', 'evaluate'] as const;
export type StageId = (typeof STAGES)[number];
const STATES: Record<StageId, readonly string[]> = {
  find: [],
  confirm: ['confirming', 'observing', 'rejecting', 'rejected'],
  dispatch: ['dispatching', 'dispatched', 'on_site'],
  decide: ['deciding'],
  close: ['closing', 'checking'],
  evaluate: ['evaluating', 'archived'],
};
export const stageOf = (state: string): StageId => STAGES.find((s) => STATES[s].includes(state)) ?? 'confirm';
export interface Stage {
  id: StageId;
  state: 'past' | 'here' | 'ahead' | 'skipped';
  from: number | null;
  to: number | null;
  by: string;
}
/** What came before the present stage and was never entered was left out: a small event is handled without a decision. */
export function stages(
  c: Pick<Case, 'trace' | 'state' | 'opened_us'> & { closed_us?: number | undefined },
  found = c.opened_us / 1000,
): Stage[] {
  const here = STAGES.indexOf(stageOf(c.state));
  const moves = c.trace.filter((e) => e.to_state);
  return STAGES.map((id, i) => {
    const into = moves
      .filter((e) => stageOf(e.to_state) === id && (!e.from_state || stageOf(e.from_state) !== id))
      .at(-1);
    const out = moves.filter((e) => e.from_state && stageOf(e.from_state) === id && stageOf(e.to_state) !== id).at(-1);
    const first = id === 'find';
    const state =
      first || i < here ? (first || into ? 'past' : 'skipped') : i === here ? (c.closed_us ? 'past' : 'here') : 'ahead';
    return {
      id,
      state,
      from: first ? found : i <= here && into ? into.at_us / 1000 : null,
      to: i < here && out ? out.at_us / 1000 : null,
      by: actor(first ? undefined : out, i <= here),
    };
  });
}
const actor = (e: Entry | undefined, passed: boolean): string => (e && passed ? e.by_name : '');

/* --- the roster ------------------------------------------------------------------------------------ */

export interface Shift {
  id: string;
  user: string;
  name: string;
  post: string;
  area: string;
  from: number;
  to: number;
  substitute: string;
  leave: boolean;
  skills: string;
  certificate: string;
}
export function shiftOf(t: Thing): Shift {
  const f = t.fields;
  return {
    id: t.id,
    user: String(f.user ?? ''),
    name: String(f.name ?? ''),
    post: String(f.post ?? ''),
    area: String(f.admin_area ?? ''),
    from: parse(f.from as string) ?? 0,
    to: parse(f.to as string) ?? 0,
    substitute: String(f.substitute ?? ''),
    leave: f.on_leave === true,
    skills: String(f.skills ?? ''),
    certificate: String(f.certificate_to ?? ''),
  };
}
export const onDuty = (s: Shift, at: number): boolean => s.from <= at && s.to > at && !s.leave;
/** Midnight of the city's day. */
export const dayStart = (at: number): number => Math.floor((at + 8 * 3_600_000) / DAY) * DAY - 8 * 3_600_000;
export interface Span {
  from: number;
  to: number;
}
/** Times of [from, to) that none of the shifts covers; who is on leave covers nothing. */
export function holes(list: readonly Shift[], from: number, to: number): Span[] {
  const out: Span[] = [];
  let at = from;
  for (const s of [...list].filter((x) => !x.leave && x.to > from && x.from < to).sort((a, b) => a.from - b.from)) {
    if (s.from > at) out.push({ from: at, to: Math.min(s.from, to) });
    at = Math.max(at, s.to);
  }
  if (at < to) out.push({ from: at, to });
  return out;
}
/** Two shifts of one person at one time. */
export function doubled(list: readonly Shift[]): Set<string> {
  const out = new Set<string>();
  for (const a of list)
    for (const b of list)
      if (a.id < b.id && a.user === b.user && a.from < b.to && b.from < a.to) {
        out.add(a.id);
        out.add(b.id);
      }
  return out;
}
/** A day's rows: area by area (the whole city first), post by post. */
export function rosterRows(
  list: readonly Shift[],
  from: number,
  to: number,
): { area: string; post: string; shifts: Shift[]; holes: Span[] }[] {
  const by = new Map<string, Shift[]>();
  for (const s of list) {
    const k = `${s.area}|${s.post}`;
    by.set(k, [...(by.get(k) ?? []), s]);
  }
  return [...by]
    .map(([k, all]) => {
      const [area = '', post = ''] = k.split('|');
      return {
        area,
        post,
        shifts: all.filter((s) => s.to > from && s.from < to).sort((a, b) => a.from - b.from),
        holes: holes(all, from, to),
      };
    })
    .sort((a, b) => a.area.localeCompare(b.area) || a.post.localeCompare(b.post));
}
/** Who may go, as the server will choose: on duty now, of the district or of the whole city, the right skill first. */
export function candidates(list: readonly Shift[], area: string, nature: string, at: number): Shift[] {
  const rank = (s: Shift): number => (s.area === area ? 0 : 2) + (s.skills.split(/[ 、,]+/).includes(nature) ? 0 : 1);
  return list
    .filter((s) => onDuty(s, at) && (!s.area || s.area === area))
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}

/** What could be the same thing: proposed by a signal, or near in place and time. Nearest first. */
export interface Near {
  row: Row;
  km: number | null;
  proposed: boolean;
  elder: boolean;
}
export function sameThing(
  one: Row,
  rows: readonly Row[],
  proposed: ReadonlySet<string>,
  km: (a: { lon: number; lat: number }, b: { lon: number; lat: number }) => number,
): Near[] {
  const OPEN = new Set(['confirming', 'observing', 'dispatching', 'dispatched', 'on_site', 'deciding', 'closing']);
  return rows
    .filter((r) => r.id !== one.id && OPEN.has(r.state))
    .map((row) => ({
      row,
      km: one.place && row.place ? km(one.place, row.place) : null,
      proposed: proposed.has(row.id),
      elder: row.found <= one.found,
    }))
    .filter(
      (x) =>
        x.proposed ||
        (x.km !== null && x.km <= 5) ||
        (!!one.object && x.row.object === one.object) ||
        (x.row.nature === one.nature && x.row.area === one.area),
    )
    .sort((a, b) => Number(b.proposed) - Number(a.proposed) || (a.km ?? 99) - (b.km ?? 99))
    .slice(0, 8);
}
