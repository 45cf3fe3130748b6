/** Records of declared types (docs/records.md): what the declaration says is what the pages show. */
import type * as S from './schema';
import { session } from './session';
import { call, get, problem, unreachable, url, type Query } from './client';

export type {
  BulkReport,
  Choice,
  CodeWords,
  DuplicatePair as Pair,
  Field,
  FieldType,
  RecordType as ThingType,
  Relations,
  Thing,
  Things as ListPage,
  ThingsReport as ImportReport,
  ThingVersion as Version,
  TypeHead,
  Verb,
  Words,
} from './schema';
export type WhoMay = S.MayOf;
export type Values = S.Thing['fields'];
/** What is wrong with a field of a record, or what a case still lacks. */
export type Problem = S.Words & Partial<S.Problem & S.Lack>;
/** A condition of the filter of a list. */
export interface Condition {
  field: string;
  op: string;
  value: unknown;
}

const at = (type: string, id = '', rest = ''): string =>
  `things/${encodeURIComponent(type)}${id ? `/${encodeURIComponent(id)}` : ''}${rest}`;

export const things = {
  types: (signal?: AbortSignal) => get<S.Types>('types', undefined, signal).then((r) => r.items),
  type: (id: string, signal?: AbortSignal) => get<S.RecordType>(`types/${encodeURIComponent(id)}`, undefined, signal),
  list: (type: string, q: Query, signal?: AbortSignal) => get<S.Things>(at(type), q, signal),
  one: (type: string, id: string, q: Query = {}, signal?: AbortSignal) => get<S.Thing>(at(type, id), q, signal),
  create: (type: string, body: unknown) => call<S.Thing>('POST', at(type), { body }),
  change: (type: string, id: string, body: unknown) => call<S.Thing>('PATCH', at(type, id), { body }),
  retire: (type: string, id: string, reason: string) => call<S.Retired>('DELETE', at(type, id), { query: { reason } }),
  history: (type: string, id: string, signal?: AbortSignal) =>
    get<S.ThingHistory>(at(type, id, '/history'), undefined, signal).then((r) => r.items),
  relations: (type: string, id: string, signal?: AbortSignal) =>
    get<S.Relations>(at(type, id, '/relations'), undefined, signal),
  whoMay: (type: string, id: string, signal?: AbortSignal) =>
    get<S.WhoMay>(at(type, id, '/who-may'), undefined, signal).then((r) => r.items),
  unmask: (type: string, id: string, field: string, purpose: string) =>
    call<S.Clear>('POST', at(type, id, '/unmask'), { body: { field, purpose } }),
  merge: (type: string, id: string, body: unknown) => call<S.Thing>('POST', at(type, id, '/merge'), { body }),
  split: (type: string, id: string, body: unknown) => call<S.Thing>('POST', at(type, id, '/split'), { body }),
  unmerge: (type: string, id: string, reason: string) =>
    call<S.Thing>('POST', at(type, id, '/unmerge'), { body: { reason } }),
  duplicates: (type: string, signal?: AbortSignal) =>
    Promise.all(
      ['proposed', 'listed'].map((state) =>
        get<S.DuplicatePairs>(at(type, '', '/duplicates'), { state }, signal).then((r) => r.items),
      ),
    ).then((x) => x.flat()),
  findDuplicates: (type: string) =>
    call<S.DuplicatesFound>('POST', at(type, '', '/duplicates/find'), {
      body: {},
    }),
  apart: (type: string, a: string, b: string) =>
    call<S.Apart>('POST', at(type, '', '/duplicates/apart'), { body: { a, b } }),
  bulk: (type: string, body: unknown) => call<S.BulkReport>('POST', at(type, '', '/bulk'), { body }),
  features: (type: string, q: Query, signal?: AbortSignal) => get<S.MapFeatures>(at(type, '', '/features'), q, signal),
  exportUrl: (type: string, q: Query) => url(at(type, '', '/export'), q),
  templateUrl: (type: string, format: string) => url(at(type, '', '/template'), { format }),
  keepFile: (type: string, field: string, file: File) =>
    sendFile<S.FileKept>(
      at(type, '', '/files'),
      { field, name: file.name },
      file,
      file.type || 'application/octet-stream',
    ),
  fileUrl: (type: string, id: string, digest: string) => url(at(type, id, `/files/${digest}`)),
  codes: (list: string, q: string, signal?: AbortSignal) =>
    get<S.Codes>(`codes/${encodeURIComponent(list)}`, { q }, signal),
  people: (q: string, signal?: AbortSignal) => get<S.People>('people', { q, limit: 12 }, signal).then((r) => r.items),
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
export const importFile = (type: string, file: File, dry: boolean): Promise<S.ThingsReport> =>
  sendFile(
    at(type, '', '/import'),
    dry ? { dry: 1 } : {},
    file,
    /\.xlsx$/i.test(file.name) ? 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' : 'text/csv',
  );
