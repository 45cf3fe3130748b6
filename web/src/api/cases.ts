/** Cases of declared flows (docs/cases.md): the page shows what the flow says and offers what the server allows. */
import { call, get, url, type Query } from './client';
import type * as S from './schema';
import { sendFile, type Values } from './things';

export type {
  Flow,
  FlowHead,
  FlowState,
  FlowTrial as Simulation,
  Leave,
  NoticeSettings as Told,
  NoticeWay as Way,
} from './schema';
/** Names of times; they come as ISO text and are kept as microseconds under ..._us, so that they can be compared. */
const TIMES = [
  'due',
  'opened',
  'entered',
  'closed',
  'suspended',
  'resume',
  'supervised',
  'created',
  'claimed',
  'done',
  'offered',
  'start',
  'next',
  'at',
  'asked',
  'signed',
  'frozen',
  'void',
  'from',
  'to',
  'fired',
  'now',
  'read',
] as const;
const NAMES = new Set<string>(TIMES);
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
/** An answer with the times of `timed`. What a record holds stays as it is: its fields have names of their own. */
export type Timed<T> = T extends readonly (infer X)[]
  ? Timed<X>[]
  : T extends object
    ? { [K in keyof T]: K extends 'record' | 'data' ? T[K] : Timed<T[K]> } & {
        [
          K in keyof T as K extends (typeof TIMES)[number]
            ? NonNullable<T[K]> extends string
              ? `${K}_us`
              : never
            : never
        ]: number | (null extends T[K] ? undefined : never);
      }
    : T;
export function timed<T>(v: T): Timed<T> {
  if (Array.isArray(v)) return v.map((x) => timed(x as unknown)) as Timed<T>;
  if (!v || typeof v !== 'object') return v as Timed<T>;
  const out: Record<string, unknown> = {};
  for (const [k, x] of Object.entries(v)) {
    out[k] = k === 'record' || k === 'data' ? x : timed(x);
    if (typeof x === 'string' && NAMES.has(k) && ISO.test(x)) out[`${k}_us`] = Date.parse(x) * 1000;
  }
  return out as Timed<T>;
}
export type CaseHead = Timed<S.CaseHead>;
export type Case = Timed<S.Case>;
/** The record of a case; to whom the case is only offered it says no more than what it is. */
export type CaseRecord = S.CaseRecord;
export type Task = Timed<S.Task>;
export type CaseTask = Timed<S.CaseTask>;
export type Clock = Timed<S.CaseClock>;
export type Sign = Timed<S.CaseSign>;
export type Entry = Timed<S.CaseEntry>;
export type CaseFile = Timed<S.CaseFile>;
export type CaseDocument = Timed<S.CaseDocument>;
export type Pause = Timed<S.CasePause>;
export type May = S.MayAct;
export type Notice = S.Notice;

const at = (flow: string, id: string, rest = ''): string =>
  `cases/${encodeURIComponent(flow)}/${encodeURIComponent(id)}${rest}`;
/** An id for one asking: the same asking sent twice acts once. */
export const askId = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');

export const cases = {
  flows: (signal?: AbortSignal) => get<S.Flows>('flows', undefined, signal).then((r) => r.items),
  flow: (id: string, signal?: AbortSignal) => get<S.Flow>(`flows/${encodeURIComponent(id)}`, undefined, signal),
  list: (q: Query, signal?: AbortSignal) => get<S.Cases>('cases', q, signal).then(timed),
  tasks: (signal?: AbortSignal) => get<S.Tasks>('tasks', { limit: 200 }, signal).then((r) => timed(r.items)),
  start: (flow: string, data: Values, note: string) =>
    call<S.CaseMade>('POST', `cases/${encodeURIComponent(flow)}`, { body: { data, ...(note ? { note } : {}) } }),
  one: (flow: string, id: string, signal?: AbortSignal) => get<S.Case>(at(flow, id), undefined, signal).then(timed),
  act: (flow: string, id: string, body: Record<string, unknown>) =>
    call<S.CaseActed>('POST', at(flow, id, '/acts'), { body }),
  attach: (flow: string, id: string, q: Query, file: Blob, type: string) =>
    sendFile<S.CaseFiled>(at(flow, id, '/files'), q, file, type),
  documentUrl: (flow: string, id: string, document: string, as: 'html' | 'pdf') =>
    url(at(flow, id, `/documents/${document}.${as}`)),
  fileUrl: (digest: string) => url(`files/${digest}`),
  inbox: (q: Query = {}, signal?: AbortSignal) => get<S.Notices>('inbox', q, signal),
  read: (id: string) => call('POST', `inbox/${encodeURIComponent(id)}/read`, { body: {} }),
  accept: (id: string) => call('POST', `inbox/${encodeURIComponent(id)}/read`, { body: { accept: true } }),
  ways: (id: string) => get<S.NoticeWays>(`inbox/${encodeURIComponent(id)}/ways`).then((r) => r.items),
  settings: () => get<S.NoticeSettings>('inbox/settings'),
  setSettings: (s: S.NoticeSettings) => call<S.NoticeSettings>('PUT', 'inbox/settings', { body: s }),
  simulate: (flow: string, body: unknown) =>
    call<S.FlowTrial>('POST', `flows/${encodeURIComponent(flow)}/simulate`, { body }),
};
