/** Records of declared types (docs/records.md): what the declaration says is what the pages show. */
import { session } from './session';
import { call, get, problem, unreachable, url, type Query } from './client';

export interface Words {
  zh: string;
  en: string;
}
export interface Choice {
  code: string;
  zh: string;
  en: string;
}
export type FieldType =
  | 'text'
  | 'longtext'
  | 'integer'
  | 'number'
  | 'decimal'
  | 'date'
  | 'time'
  | 'bool'
  | 'choice'
  | 'choices'
  | 'code'
  | 'codes'
  | 'ref'
  | 'refs'
  | 'point'
  | 'line'
  | 'polygon'
  | 'file'
  | 'files'
  | 'list'
  | 'object'
  | 'user'
  | 'area'
  | 'money';
export interface Field {
  id: string;
  title: Words;
  type: FieldType;
  required?: boolean;
  unique?: boolean;
  max?: number;
  min?: number;
  decimals?: number;
  unit?: string;
  codes?: string;
  choices?: Choice[];
  ref?: string;
  /** What the value is the number of, outside the records. */
  link?: 'site' | 'alarm';
  fields?: Field[];
  when?: boolean;
  compute?: boolean;
  default?: unknown;
  list?: boolean;
  filter?: boolean;
  search?: boolean;
  personal?: { purpose: Words; basis: string; keep_days: number; mask: string; unmask?: string[] };
  secret?: string;
  help?: Words;
}
export interface TypeHead {
  id: string;
  title: Words;
  family: string;
  label: string;
  module: string;
  geometry: boolean;
  may: string[];
}
export interface ThingType {
  id: string;
  title: Words;
  family: string;
  label: string;
  title_field: string;
  number?: { format: string; field: string };
  area?: string;
  geometry?: string;
  fields: Field[];
  duplicates?: unknown;
  history?: boolean;
  may: string[];
}
export type Values = Record<string, unknown>;
/** Words of codes: by list, by code. */
export type CodeWords = Record<string, Record<string, Words>>;
export interface Thing {
  id: string;
  type: string;
  version: number;
  state: 'active' | 'retired' | 'merged';
  title: string;
  area: string;
  org: string;
  label: string;
  created: string;
  created_by: string;
  changed: string;
  changed_by: string;
  valid_from: string;
  valid_to?: string;
  fields: Values;
  masked: string[];
  alias_of?: string;
  may: string[];
  names?: Record<string, string>;
  codes?: CodeWords;
}
export interface Version {
  version: number;
  op: string;
  by: string;
  reason: string;
  valid_from: string;
  valid_to: string | null;
  recorded: string;
  fields: Values;
  changed: string[];
}
export interface Related {
  id: string;
  name: string;
  type: string;
}
export interface Relations {
  out: (Related & { field: string; title: Words })[];
  in: { type: string; field: string; title: Words; items: { id: string; name: string }[]; more?: boolean | number }[];
  links: (Related & { kind: string; from?: string; to?: string | null })[];
}
export interface Problem {
  field?: string;
  row?: number;
  zh: string;
  en: string;
  what?: string;
  id?: string;
  warning?: boolean;
}
export interface ImportReport {
  rows: number;
  created: number;
  changed: number;
  same: number;
  refused: number;
  dry: boolean;
  items: { row: number; op: string; id?: string; problems: Problem[] }[];
}
export interface WhoMay {
  role: string;
  name?: string;
  name_en?: string;
  verbs: string;
  rows: string;
  fields_hidden: string[];
}
export interface Pair {
  a: { id: string; name: string };
  b: { id: string; name: string };
  score: number;
  why: (string | Words)[];
  state: 'proposed' | 'listed' | 'apart' | 'merged';
}
export interface Condition {
  field: string;
  op: string;
  value: unknown;
}
export interface ListPage {
  items: Thing[];
  next: string | null;
  count?: number;
  count_exact?: boolean;
  names?: Record<string, string>;
  codes?: CodeWords;
}

const at = (type: string, id = '', rest = ''): string =>
  `things/${encodeURIComponent(type)}${id ? `/${encodeURIComponent(id)}` : ''}${rest}`;
const items = <T>(r: T[] | { items: T[] }): T[] => (Array.isArray(r) ? r : r.items);

export const things = {
  types: (signal?: AbortSignal) => get<TypeHead[] | { items: TypeHead[] }>('types', undefined, signal).then(items),
  type: (id: string, signal?: AbortSignal) => get<ThingType>(`types/${encodeURIComponent(id)}`, undefined, signal),
  list: (type: string, q: Query, signal?: AbortSignal) => get<ListPage>(at(type), q, signal),
  one: (type: string, id: string, q: Query = {}, signal?: AbortSignal) => get<Thing>(at(type, id), q, signal),
  create: (type: string, body: unknown) => call<{ id: string; problems?: Problem[] }>('POST', at(type), { body }),
  change: (type: string, id: string, body: unknown) =>
    call<{ version: number; problems?: Problem[] }>('PATCH', at(type, id), { body }),
  retire: (type: string, id: string, reason: string) => call('DELETE', at(type, id), { query: { reason } }),
  history: (type: string, id: string, signal?: AbortSignal) =>
    get<Version[] | { items: Version[] }>(at(type, id, '/history'), undefined, signal).then(items),
  relations: (type: string, id: string, signal?: AbortSignal) =>
    get<Relations>(at(type, id, '/relations'), undefined, signal),
  whoMay: (type: string, id: string, signal?: AbortSignal) =>
    get<WhoMay[] | { items: WhoMay[] }>(at(type, id, '/who-may'), undefined, signal).then(items),
  unmask: (type: string, id: string, field: string, purpose: string) =>
    call<{ value: unknown }>('POST', at(type, id, '/unmask'), { body: { field, purpose } }),
  merge: (type: string, id: string, body: unknown) => call('POST', at(type, id, '/merge'), { body }),
  split: (type: string, id: string, body: unknown) => call<Thing>('POST', at(type, id, '/split'), { body }),
  unmerge: (type: string, id: string, reason: string) => call('POST', at(type, id, '/unmerge'), { body: { reason } }),
  duplicates: (type: string, signal?: AbortSignal) =>
    Promise.all(
      ['proposed', 'listed'].map((state) =>
        get<{ items: Pair[] }>(at(type, '', '/duplicates'), { state }, signal).then((r) => r.items),
      ),
    ).then((x) => x.flat()),
  findDuplicates: (type: string) =>
    call<{ compared: number; proposed: number; listed: number }>('POST', at(type, '', '/duplicates/find'), {
      body: {},
    }),
  apart: (type: string, a: string, b: string) => call('POST', at(type, '', '/duplicates/apart'), { body: { a, b } }),
  bulk: (type: string, body: unknown) =>
    call<{ changed: number; refused: { id: string; zh: string; en: string }[] }>('POST', at(type, '', '/bulk'), {
      body,
    }),
  facets: (type: string, q: Query, signal?: AbortSignal) =>
    get<Record<string, { code: string; title?: string; count: number }[]>>(at(type, '', '/facets'), q, signal),
  features: (type: string, q: Query, signal?: AbortSignal) =>
    get<GeoJSON.FeatureCollection & { truncated?: boolean }>(at(type, '', '/features'), q, signal),
  exportUrl: (type: string, q: Query) => url(at(type, '', '/export'), q),
  templateUrl: (type: string, format: string) => url(at(type, '', '/template'), { format }),
  codes: (list: string, q: string, signal?: AbortSignal) =>
    get<{ items: Choice[]; more: boolean }>(`codes/${encodeURIComponent(list)}`, { q }, signal),
  people: (q: string, signal?: AbortSignal) =>
    get<{ items: { id: string; name: string; org?: string }[] }>('people', { q, limit: 12 }, signal).then(
      (r) => r.items,
    ),
};

/** A file as it is; the server tells by its bytes what it is. */
export async function sendFile<T>(path: string, query: Query, file: Blob, type: string): Promise<T> {
  const r = await fetch(url(path, query), {
    method: 'POST',
    headers: {
      accept: 'application/json',
      'content-type': type,
      ...(session.self?.csrf ? { 'x-csrf-token': session.self.csrf } : {}),
    },
    body: file,
  }).catch(() => {
    throw unreachable();
  });
  if (!r.ok) throw await problem(r);
  return (await r.json()) as T;
}
export const importFile = (type: string, file: File, dry: boolean): Promise<ImportReport> =>
  sendFile(
    at(type, '', '/import'),
    dry ? { dry: 1 } : {},
    file,
    /\.xlsx$/i.test(file.name) ? 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' : 'text/csv',
  );
