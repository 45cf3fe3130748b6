/** What a phone owes the server: one entry an act, each with an id of its own, so that sending again never does it again. */
import type { Problem, Values } from '@/api/things';

export type Kind = 'act' | 'file' | 'start';
export interface Entry {
  /** The idempotency key: `ask` of an act or a file, `id` of what is begun. */
  id: string;
  user: string;
  seq: number;
  at: number;
  kind: Kind;
  /** Entries of one case go in their order; one that is refused holds those behind it. */
  group: string;
  flow: string;
  title: string;
  what: { zh: string; en: string };
  path: string;
  query?: Record<string, string>;
  body?: Record<string, unknown>;
  bytes?: ArrayBuffer;
  type?: string;
  /** Entries of the trace that the person had seen. */
  n?: number;
  state: 'waiting' | 'refused' | 'conflict';
  why?: { zh: string; en: string };
  problems?: Problem[];
  theirs?: Theirs;
  before?: Values;
}
/** How the case stands now, for who has to decide. */
export interface Theirs {
  n: number;
  state: { zh: string; en: string };
  last: { by: string; act: string; at: number; note: string }[];
  fields: Values;
}

export type Outcome = 'done' | 'later' | 'signin' | 'conflict' | 'refused';
export interface Answer {
  status: number;
  code?: string;
}
/** What an answer means. 0: none came; then nobody knows whether it was done, and it is sent again under the same id. */
export function outcome(kind: Kind, a: Answer): Outcome {
  if (a.status >= 200 && a.status < 300) return 'done';
  if (a.status === 0 || a.status === 408 || a.status === 429 || a.status >= 500) return 'later';
  if (a.status === 401) return 'signin';
  if (a.status === 409 && kind === 'file' && a.code === 'EEXISTS')
    return 'done'; /* the same bytes are with the case already */
  if (a.status === 409 && kind === 'act' && a.code === 'ECONFLICT') return 'conflict';
  return 'refused';
}

/** The next entry that may go: in order, his own, and none behind one of its case that waits for a person. */
export function next(entries: readonly Entry[], user: string): Entry | null {
  const held = new Set<string>();
  for (const e of [...entries].sort((a, b) => a.seq - b.seq)) {
    if (e.user !== user || held.has(e.group)) continue;
    if (e.state === 'waiting') return e;
    held.add(e.group);
  }
  return null;
}

/** What others did since; where it was only himself, by another phone, that. */
export function newsOf<T extends { n: number; by_id: string }>(trace: readonly T[], seen: number, me: string): T[] {
  const since = trace.filter((t) => t.n > seen);
  const others = since.filter((t) => t.by_id !== me);
  return others.length ? others : since;
}
/** Fields to choose between: where the server holds something else than what he saw and what he wrote. Others stay his. */
export function differing(e: Pick<Entry, 'body' | 'before' | 'theirs'>): string[] {
  const mine = (e.body?.data ?? {}) as Values;
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
  return Object.keys(mine).filter((k) => {
    const now = e.theirs?.fields[k];
    return !same(mine[k], now) && !(e.before && k in e.before && same(e.before[k], now));
  });
}

/** UUID version 7, as the server makes them. */
export function uuid7(now = Date.now(), random = crypto.getRandomValues(new Uint8Array(10))): string {
  const hex = (n: number, w: number): string => n.toString(16).padStart(w, '0');
  const r = [...random].map((b) => hex(b, 2)).join('');
  const variant = hex(8 + (random[2]! & 3), 1);
  const t = hex(now, 12);
  return `${t.slice(0, 8)}-${t.slice(8)}-7${r.slice(0, 3)}-${variant}${r.slice(5, 8)}-${r.slice(8, 20)}`;
}
