/** Rows of a set for a page: one question a set however many panels show it, asked again when the live stream says that they changed. */
import { onBeforeUnmount, ref, shallowRef, watch, type Ref } from 'vue';
import { ApiError, call, get, passing, problem, unreachable, url } from '@/api/client';
import { useLive } from '@/api/live';
import { may, session } from '@/api/session';
import { later } from '@/app/follow';
import { saveBlob } from '@/lib/csv';
import type * as S from '@/api/schema';
import type { ChartItem, ChartSpec, Result, SetItem, SetSpec } from './types';

export const LEAST_MS = 1000;
interface Shared {
  key: string;
  result: Ref<Result | null>;
  error: Ref<ApiError | null>;
  users: number;
  asked: number;
  waiting: number;
  busy: boolean;
  again: boolean;
  live: number;
  off: (() => void)[];
  timer: number;
  ask: () => Promise<void>;
}
const shared = new Map<string, Shared>();

export const datasets = {
  list: () => get<S.SetItems>('datasets').then((r) => r.items),
  one: (code: string) => get<SetItem>(`datasets/${encodeURIComponent(code)}`),
  charts: () => get<S.ChartItems>('charts').then((r) => r.items),
  chart: (code: string) => get<ChartItem>(`charts/${encodeURIComponent(code)}`),
  rows: (code: string, params: Record<string, unknown> = {}, asOf = '', signal?: AbortSignal) =>
    get<Result>(
      `datasets/${encodeURIComponent(code)}/rows`,
      { params: Object.keys(params).length ? JSON.stringify(params) : '', as_of: asOf },
      signal,
    ),
  preview: (spec: SetSpec, params: Record<string, unknown> = {}, max?: number) =>
    call<Result>('POST', 'datasets/preview', { body: { spec, params, ...(max ? { max } : {}) } }),
  check: (spec: unknown) => call<S.SetChecked>('POST', 'datasets/check', { body: { spec } }),
  save: (
    type: 'chart' | 'data_set',
    item: { id?: string; version?: number; code: string; name: string; name_en?: string; note?: string },
    spec: unknown,
  ) => {
    const fields = {
      code: item.code,
      name: item.name,
      name_en: item.name_en || null,
      note: item.note || null,
      spec: JSON.stringify(spec),
    };
    return item.id
      ? call<S.Thing>('PATCH', `things/${type}/${item.id}`, {
          body: { fields, version: item.version },
        })
      : call<S.Thing>('POST', `things/${type}`, {
          body: { fields: Object.fromEntries(Object.entries(fields).filter(([, v]) => v !== null)) },
        });
  },
  csv: async (code: string, params: Record<string, unknown> = {}): Promise<void> => {
    const r = await fetch(
      url(`datasets/${encodeURIComponent(code)}/csv`, {
        params: Object.keys(params).length ? JSON.stringify(params) : '',
      }),
      { headers: session.self?.csrf ? { 'x-csrf-token': session.self.csrf } : {} },
    ).catch(() => {
      throw unreachable();
    });
    if (!r.ok) throw await problem(r);
    saveBlob(`${code}.csv`, await r.blob());
  },
};

/** Whether an event is about these rows. */
export function concerns(r: Result, topic: string, e: unknown): boolean {
  if (!r.live.topics.includes(topic)) return false;
  const x = e as { type?: string; values?: { series: number }[] };
  if (topic === 'thing') return !r.live.types?.length || (x.type !== undefined && r.live.types.includes(x.type));
  if (topic === 'latest')
    return !r.live.series?.length || !x.values || x.values.some((v) => r.live.series!.includes(v.series));
  return true;
}

function make(key: string, ask: () => Promise<Result>): Shared {
  const s: Shared = {
    key,
    result: shallowRef(null),
    error: shallowRef(null),
    users: 0,
    asked: 0,
    waiting: 0,
    busy: false,
    again: false,
    live: 0,
    off: [],
    timer: 0,
    ask: async () => {
      if (s.busy) {
        s.again = true;
        return;
      }
      s.busy = true;
      s.asked = Date.now();
      try {
        s.result.value = await ask();
        s.error.value = null;
      } catch (e) {
        s.error.value = e instanceof ApiError ? e : unreachable();
        if (passing(s.error.value)) later(() => s.users && soon(s));
      }
      s.busy = false;
      if (s.again) {
        s.again = false;
        soon(s);
      }
    },
  };
  return s;
}
/** Once in a second at the most. */
function soon(s: Shared): void {
  if (s.waiting) return;
  s.waiting = window.setTimeout(
    () => {
      s.waiting = 0;
      void s.ask();
    },
    Math.max(0, s.asked + LEAST_MS - Date.now()),
  );
}
function listen(s: Shared): void {
  const live = useLive();
  if (may('live.read')) live.start();
  const heard =
    (topic: string) =>
    (e: unknown): void => {
      if (s.live > 0 && s.result.value && concerns(s.result.value, topic, e)) soon(s);
    };
  for (const topic of ['latest', 'alarm', 'thing', 'case'] as const) s.off.push(live.on(topic, heard(topic)));
  s.off.push(
    live.on('resync', () => {
      if (s.live > 0) soon(s);
    }),
  );
  /* Windows of time move on by themselves, and where there is no stream a minute is soon enough. */
  s.timer = window.setInterval(() => {
    if (s.live > 0 && !document.hidden && Date.now() - s.asked >= (s.result.value?.refresh_s ?? 60) * 1000) soon(s);
  }, LEAST_MS);
}

/** The rows that a chart shows, shared by all that ask for the same. */
export function useRows(
  spec: () => ChartSpec | null,
  params: () => Record<string, unknown>,
  live: () => boolean,
  asOf: () => string,
): { result: Ref<Result | null>; error: Ref<ApiError | null>; busy: Ref<boolean>; refresh: () => void } {
  const result = shallowRef<Result | null>(null);
  const error = shallowRef<ApiError | null>(null);
  const busy = ref(false);
  let mine: Shared | null = null;
  let mineLive = false;
  let stop: (() => void) | null = null;
  const drop = (): void => {
    stop?.();
    if (!mine) return;
    mine.users--;
    if (mineLive) mine.live--;
    if (!mine.users) {
      for (const f of mine.off) f();
      clearInterval(mine.timer);
      clearTimeout(mine.waiting);
      shared.delete(mine.key);
    }
    mine = null;
  };
  watch(
    () => {
      const s = spec();
      return s ? JSON.stringify([s.set ?? s.spec, { ...s.params, ...params() }, asOf(), live()]) : '';
    },
    (key) => {
      drop();
      const s = spec();
      if (!s || !key || (!s.set && !s.spec)) {
        result.value = null;
        return;
      }
      const p = { ...s.params, ...params() };
      const at = asOf();
      const whole = JSON.stringify([s.set ?? s.spec, p, at]);
      let one = shared.get(whole);
      if (!one) {
        one = make(whole, () => (s.set ? datasets.rows(s.set, p, at) : datasets.preview(s.spec!, p)));
        shared.set(whole, one);
        listen(one);
      }
      mine = one;
      mineLive = live() && !at;
      one.users++;
      if (mineLive) one.live++;
      stop = watch(
        [one.result, one.error],
        ([r, e]) => {
          if (r) result.value = r;
          error.value = e;
          busy.value = false;
        },
        { immediate: true },
      );
      if (!one.result.value) {
        busy.value = true;
        void one.ask();
      }
    },
    { immediate: true },
  );
  onBeforeUnmount(drop);
  return {
    result,
    error,
    busy,
    refresh: () => {
      if (mine) void mine.ask();
    },
  };
}
