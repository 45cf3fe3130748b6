/** Cases of declared flows (docs/cases.md): the page shows what the flow says and offers what the server allows. */
import { call, get, url, type Query } from './client';
import { sendFile, type Field, type Problem, type Thing, type Values, type Words } from './things';

export interface FlowState {
  id: string;
  title: Words;
  kind?: string;
  form?: string[];
  required?: string[];
  leave?: Leave[];
  allow?: string[];
  roles?: string[];
}
export interface Leave {
  id?: string;
  to: string;
  title: Words;
  needs?: { files?: { kind: string; min?: number; title?: Words }[]; documents?: string[]; fields?: string[] };
  signers?: { roles: string[]; n?: number; rule?: string };
}
export interface FlowHead {
  id: string;
  title: Words;
  record: string;
  module: string;
  states: FlowState[];
  may_start: boolean;
  counts?: Record<string, number>;
}
export interface Flow extends Omit<FlowHead, 'may_start'> {
  may_start?: boolean;
  start: string;
  version: number;
  documents?: { id: string; title: Words; states?: string[] }[];
  clocks?: { id: string; title: Words }[];
  open_roles?: string[];
}
/** Names of times; they come as ISO text and are kept as microseconds under ..._us, so that they can be compared. */
const TIMES = new Set([
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
]);
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;
/** What a record holds stays as it is: its fields have names of their own. */
export function timed<T>(v: T): T {
  if (Array.isArray(v)) return v.map(timed) as T;
  if (!v || typeof v !== 'object') return v;
  const out: Record<string, unknown> = {};
  for (const [k, x] of Object.entries(v)) {
    out[k] = k === 'record' || k === 'data' ? x : timed(x);
    if (typeof x === 'string' && TIMES.has(k) && ISO.test(x)) out[`${k}_us`] = Date.parse(x) * 1000;
  }
  return out as T;
}
export interface CaseHead {
  id: string;
  flow: string;
  flow_title?: Words;
  state: string;
  state_title?: Words;
  title: string;
  area: string;
  opened_us: number;
  entered_us?: number;
  closed_us?: number;
  suspended_us?: number;
  supervised_us?: number;
  due_us?: number;
  parent?: string;
}
export interface Task {
  id: string;
  case_id: string;
  flow: string;
  flow_title?: Words;
  state: string;
  state_title?: Words;
  kind: string;
  title: string;
  case_area?: string;
  area?: string;
  person?: string;
  person_name?: string;
  offer?: { user?: string; name?: string; area?: string };
  urged?: number;
  created_us: number;
  claimed_us?: number;
  done_us?: number;
  outcome?: string;
  due_us?: number;
  mine?: boolean;
  step?: number;
  supervised_us?: number;
}
export interface Clock {
  id: string;
  clock: string;
  state: string;
  title: Words;
  n: number;
  unit: string;
  law: string;
  basis?: string;
  sure?: number;
  extended?: number;
  start_us: number;
  last_day?: number;
  due_us?: number;
  done_us?: number;
  paused?: boolean;
  used?: number;
  spans?: { from_us: number; to_us?: number }[];
}
export interface Sign {
  id: string;
  step: number;
  kind: string;
  leave_to: string;
  round: string;
  rule: string;
  person: string;
  person_name: string;
  verdict?: 'agree' | 'disagree';
  note: string;
  asked_us: number;
  signed_us?: number;
}
export interface Entry {
  n: number;
  at_us: number;
  by_id: string;
  by_name: string;
  act: string;
  from_state: string;
  to_state: string;
  step: number;
  note: string;
  data?: Record<string, unknown>;
}
export interface CaseFile {
  id: string;
  digest: string;
  kind: string;
  name: string;
  type: string;
  size: number;
  about?: Record<string, unknown>;
  state: string;
  by_name: string;
  at_us: number;
}
export interface CaseDocument {
  id: string;
  document: string;
  version: number;
  number?: string;
  title: string;
  state: string;
  by_name: string;
  at_us: number;
  frozen_us?: number;
  void_us?: number;
  void_reason?: string;
}
export interface Pause {
  id: string;
  kind: string;
  from_us: number;
  to_us?: number;
  note: string;
  by_name: string;
}
export interface May {
  act: string;
  to?: string;
  state?: string;
  title: Words;
  note?: boolean;
  missing?: Problem[];
}
export interface Case extends CaseHead {
  version: number;
  step: number;
  n: number;
  tasks: Task[];
  clocks: Clock[];
  pauses: Pause[];
  signs: Sign[];
  trace: Entry[];
  links: { kind: string; ref: string; title: string }[];
  files: CaseFile[];
  documents: CaseDocument[];
  subs: CaseHead[];
  may: May[];
  ways: May[];
  record: Thing;
  form: string[] | null;
  now_us: number;
  allowed_fields?: Field[];
}
export interface Notice {
  id: string;
  title: Words | string;
  body?: Words | string;
  link?: string;
  level?: string;
  at?: string;
  at_us?: number;
  time?: string;
  created?: string;
  read?: string | null;
  read_us?: number | null;
  accepted?: string | null;
}
export interface Way {
  id: string;
  way: string;
  state: string;
  tries: number;
  sent: string | null;
  receipt: string | null;
  error: string;
}
export interface Told {
  mail: string;
  sms: string;
  wechat: string;
  quiet_from: string;
  quiet_to: string;
}
export interface Simulation {
  dead_ends: string[];
  unreachable: string[];
  nobody: string[];
  cases: number;
  never_ended: number;
  days: { mean: number; p50: number; p90: number } | null;
  late: Record<string, number>;
  states: {
    id: string;
    title: Words;
    visits: number;
    mean_days: number;
    load: number;
    people_needed: number;
    too_few: boolean;
  }[];
}

const items = <T>(r: T[] | { items: T[] }): T[] => (Array.isArray(r) ? r : r.items);
const at = (flow: string, id: string, rest = ''): string =>
  `cases/${encodeURIComponent(flow)}/${encodeURIComponent(id)}${rest}`;
/** An id for one asking: the same asking sent twice acts once. */
export const askId = (): string =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');

export const cases = {
  flows: (signal?: AbortSignal) => get<FlowHead[] | { items: FlowHead[] }>('flows', undefined, signal).then(items),
  flow: (id: string, signal?: AbortSignal) => get<Flow>(`flows/${encodeURIComponent(id)}`, undefined, signal),
  list: (q: Query, signal?: AbortSignal) =>
    get<{ items: CaseHead[]; next: string | null }>('cases', q, signal).then(timed),
  tasks: (signal?: AbortSignal) => get<{ items: Task[] }>('tasks', { limit: 200 }, signal).then((r) => timed(r.items)),
  start: (flow: string, data: Values, note: string) =>
    call<{ id: string }>('POST', `cases/${encodeURIComponent(flow)}`, { body: { data, ...(note ? { note } : {}) } }),
  one: (flow: string, id: string, signal?: AbortSignal) => get<Case>(at(flow, id), undefined, signal).then(timed),
  act: (flow: string, id: string, body: Record<string, unknown>) =>
    call<{ state?: string; n?: number; problems?: Problem[] }>('POST', at(flow, id, '/acts'), { body }),
  attach: (flow: string, id: string, q: Query, file: Blob, type: string) =>
    sendFile<unknown>(at(flow, id, '/files'), q, file, type),
  documentUrl: (flow: string, id: string, document: string, as: 'html' | 'pdf') =>
    url(at(flow, id, `/documents/${document}.${as}`)),
  fileUrl: (digest: string) => url(`files/${digest}`),
  inbox: (q: Query = {}, signal?: AbortSignal) =>
    get<{ items: Notice[]; unread?: number; next?: string | null }>('inbox', q, signal),
  read: (id: string) => call('POST', `inbox/${encodeURIComponent(id)}/read`, { body: {} }),
  accept: (id: string) => call('POST', `inbox/${encodeURIComponent(id)}/read`, { body: { accept: true } }),
  ways: (id: string) => get<{ items: Way[] }>(`inbox/${encodeURIComponent(id)}/ways`).then((r) => r.items),
  settings: () => get<Told>('inbox/settings'),
  setSettings: (s: Told) => call<Told>('PUT', 'inbox/settings', { body: s }),
  simulate: (flow: string, body: unknown) =>
    call<Simulation>('POST', `flows/${encodeURIComponent(flow)}/simulate`, { body }),
};
