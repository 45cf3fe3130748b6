/** Thin client of /api/v1: JSON in and out, errors by RFC 9457 with both languages kept. */
import { pending } from './pending';
import type * as S from './schema';
import { session } from './session';
import { ended, factor } from './stepup';
import type {
  ActDone,
  AlarmCounts,
  AlarmLife,
  Device,
  Explained,
  Frame,
  NewAct,
  NewDevice,
  Origin,
  Points,
  Detectors,
  ReviewCalendar,
  ReviewDictionary,
  Sheet,
  Site,
  SiteDetail,
  Summary,
  Suspicion,
} from './types';

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly detailEn: string,
    /** The field or parameter that it is about. */
    readonly parameter = '',
    /** The whole answer: some refusals carry more (problems by field, the other version). */
    readonly body: unknown = null,
  ) {
    super(`${status} ${title}: ${detail}`);
  }

  /** The server's name of it: SS_EDENIED and so on. */
  get code(): string {
    return (this.body as { code?: string } | null)?.code ?? '';
  }

  /** The answer is no, and will be the same when it is asked again. */
  get refused(): boolean {
    return this.status >= 400 && this.status < 500 && ![408, 429].includes(this.status);
  }

  text(lang: string): string {
    return (lang === 'en' ? this.detailEn || this.detail : this.detail || this.detailEn) || this.title;
  }
}

export type Query = Record<string, string | number | null | undefined>;

export function url(path: string, query: Query = {}): string {
  const q = new URLSearchParams();
  for (const [k, v] of Object.entries(query)) if (v !== null && v !== undefined && v !== '') q.set(k, String(v));
  const s = q.toString();
  return `/api/v1/${path}${s ? `?${s}` : ''}`;
}

export async function problem(r: Response): Promise<ApiError> {
  let body: { title?: string; detail?: string; detail_en?: string; parameter?: string } = {};
  try {
    body = (await r.json()) as typeof body;
  } catch {
    /* Not our server's answer: a proxy's page, say. The status is all there is. */
  }
  return new ApiError(
    r.status,
    body.title ?? String(r.status),
    body.detail ?? '',
    body.detail_en ?? '',
    body.parameter ?? '',
    body,
  );
}

/** Nobody answered, or the server could not just now: the same question again may be answered. */
export const passing = (e: unknown): boolean =>
  e instanceof ApiError && (e.status === 0 || e.status === 408 || e.status === 429 || e.status >= 500);

export const unreachable = (): ApiError =>
  new ApiError(
    0,
    'network',
    '连不上服务器。请看网络是否通，服务是否在运行，然后重试。',
    'The server cannot be reached. Check the network and whether the service runs, then retry.',
  );

export async function call<T>(
  method: string,
  path: string,
  opt: { query?: Query; body?: unknown; signal?: AbortSignal } = {},
): Promise<T> {
  let r: Response;
  try {
    r = await pending(
      fetch(url(path, opt.query), {
        method,
        headers: {
          accept: 'application/json',
          ...(opt.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(session.self?.csrf ? { 'x-csrf-token': session.self.csrf } : {}),
        },
        ...(opt.body === undefined ? {} : { body: JSON.stringify(opt.body) }),
        ...(opt.signal ? { signal: opt.signal } : {}),
      }),
    );
  } catch (e) {
    if ((e as Error).name === 'AbortError') throw e;
    throw unreachable();
  }
  if (r.status === 401 && !window.location.pathname.startsWith('/signin')) {
    /* The session has ended: who was in signs in here, what he filled in stays; everybody else goes to the door. */
    const here = !!session.self?.signed_in && !session.self.offline;
    if (here && (await ended.ask())) return call<T>(method, path, opt);
    window.location.assign(`/signin?to=${encodeURIComponent(window.location.pathname + window.location.search)}`);
  }
  if (!r.ok) {
    const p = await problem(r);
    if (p.code === 'SS_ESTEPUP' && (await factor.ask())) return call<T>(method, path, opt);
    throw p;
  }
  return (await r.json().catch((e: unknown) => {
    /* The line was cut while the answer came: no answer. */
    throw e instanceof TypeError ? unreachable() : e;
  })) as T;
}

/** A file that the server makes; its name is the server's. */
async function file(path: string, body: unknown): Promise<{ name: string; blob: Blob }> {
  const r = await fetch(url(path), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(session.self?.csrf ? { 'x-csrf-token': session.self.csrf } : {}),
    },
    body: JSON.stringify(body),
  }).catch(() => {
    throw unreachable();
  });
  if (!r.ok) throw await problem(r);
  const name = /filename="?([^";]+)/.exec(r.headers.get('content-disposition') ?? '')?.[1];
  return { name: name ?? `${path}.tar`, blob: await r.blob() };
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> =>
  call<T>('GET', path, { ...(query ? { query } : {}), ...(signal ? { signal } : {}) });

export const api = {
  summary: () => get<Summary>('summary'),
  sites: (q: Query, signal?: AbortSignal) => get<S.Sites>('sites', q, signal),
  site: (id: number, signal?: AbortSignal) => get<SiteDetail>(`sites/${id}`, undefined, signal),
  points: (id: number, q: { from: string; to: string; max: number }, signal?: AbortSignal) =>
    get<Points>(`series/${id}/points`, q, signal),
  origin: (id: number, time: string, signal?: AbortSignal) => get<Origin>(`series/${id}/origin`, { time }, signal),
  devices: (q: Query, signal?: AbortSignal) => get<S.Devices>('devices', q, signal),
  register: (d: NewDevice) => call<Device>('POST', 'devices', { body: d }),
  districts: () => get<S.Districts>('districts').then((r) => r.items),
  alarms: (q: Query, signal?: AbortSignal) => get<S.Alarms>('alarms', q, signal),
  alarm: (id: string, signal?: AbortSignal) => get<AlarmLife>(`alarms/${encodeURIComponent(id)}`, undefined, signal),
  alarmCounts: () => get<AlarmCounts>('alarms/counts'),
  limits: (site: number, signal?: AbortSignal) => get<S.Limits>('limits', { site }, signal).then((r) => r.items),
  acts: (q: Query, signal?: AbortSignal) => get<S.Acts>('acts', q, signal),
  act: (a: NewAct) => call<ActDone>('POST', 'acts', { body: a }),
  actKinds: () => get<S.ActKinds>('act-kinds').then((r) => r.items),
  explain: (id: string, max: number, signal?: AbortSignal) => get<Explained>('explain', { id, max }, signal),
  entry: (seq: number, signal?: AbortSignal) => get<Frame>(`journal/entries/${seq}`, undefined, signal),
  hours: (q: Query, signal?: AbortSignal) => get<S.ReviewHours>('review/hours', q, signal).then((r) => r.items),
  calendar: (q: Query, signal?: AbortSignal) => get<ReviewCalendar>('review/calendar', q, signal),
  reviewRows: (q: Query, signal?: AbortSignal) => get<S.ReviewRows>('review/rows', q, signal),
  dictionary: () => get<ReviewDictionary>('review/dictionary'),
  sheet: (day: string, signal?: AbortSignal) => get<Sheet>('review/sheet', { day }, signal),
  suspicions: (q: Query, signal?: AbortSignal) => get<S.Suspicions>('suspicions', q, signal),
  suspicion: (id: string, signal?: AbortSignal) =>
    get<Suspicion>(`suspicions/${encodeURIComponent(id)}`, undefined, signal),
  detectors: (signal?: AbortSignal) => get<Detectors>('detectors', undefined, signal),
  commands: (mn: string, signal?: AbortSignal) =>
    get<S.Commands>('commands', { mn, limit: 100 }, signal).then((r) => r.items),
  arrivals: (mn: string, q: Query, signal?: AbortSignal) =>
    get<S.Arrivals>(`devices/${encodeURIComponent(mn)}/arrivals`, q, signal).then((r) => r.items),
  evidence: (id: string, by: string, why: string) => file('evidence', { id, by, why }),
  factors: () => get<S.Factors>('factors').then((r) => r.items),
};

/** Every page of a list; `each` gets the pages as they come. */
export async function allSites(
  each: (items: Site[], total: number) => void,
  signal?: AbortSignal,
  at: string | null = null,
): Promise<void> {
  let cursor: string | null = null;
  do {
    const page: S.Sites = await api.sites({ limit: 1000, cursor, at }, signal);
    each(page.items, page.total);
    cursor = page.next;
  } while (cursor);
}
