/**
 * The one live stream of a page. The browser reconnects by itself with Last-Event-ID and the server sends what was
 * missed; where it no longer has that it says "reset", and where the browser gives up (an answer that is not a stream)
 * we start again. In both cases, and when the stream first opens behind a page's first reading, listeners read anew.
 */
import { defineStore } from 'pinia';
import { ref, shallowRef } from 'vue';
import { parse } from '@/lib/format';
import { api } from './client';
import type * as S from './schema';
import type { Alarm, Summary } from './types';

/** Of a record, a case or a message enough is told to ask anew. */
interface Events {
  thing: S.LiveThing;
  case: S.LiveCase;
  inbox: S.LiveInbox;
  alarm: Alarm;
  frame: S.LiveFrame;
  latest: S.LiveLatest;
  state: S.LiveState;
  summary: Summary;
  resync: null;
}
type Listener<K extends keyof Events> = (e: Events[K]) => void;

/** How far this device's clock is off, as last known: without signal the time of evidence is right by it. */
const SKEW = 'shanshui.skew';
function keptSkew(): number {
  try {
    return Number(localStorage.getItem(SKEW)) || 0;
  } catch {
    return 0;
  }
}
function keepSkew(ms: number): void {
  try {
    localStorage.setItem(SKEW, String(ms));
  } catch {
    /* Without storage there is no start without signal either. */
  }
}

export const useLive = defineStore('live', () => {
  const status = ref<'connecting' | 'open' | 'lost'>('connecting');
  const summary = shallowRef<Summary | null>(null);
  const lastEvent = ref(0);
  /** Server's clock minus this computer's, ms. */
  const skew = ref(keptSkew());
  const now = ref(Date.now() + skew.value);
  const listeners: { [K in keyof Events]: Set<Listener<K>> } = {
    thing: new Set(),
    case: new Set(),
    inbox: new Set(),
    alarm: new Set(),
    frame: new Set(),
    latest: new Set(),
    state: new Set(),
    summary: new Set(),
    resync: new Set(),
  };
  setInterval(() => {
    now.value = Date.now() + skew.value;
  }, 1000);
  let source: EventSource | null = null;
  let fresh = true;
  let resyncs = 0;

  function emit<K extends keyof Events>(kind: K, e: Events[K]): void {
    lastEvent.value = Date.now();
    for (const f of listeners[kind]) f(e);
  }

  function takeSummary(s: Summary): void {
    const t = parse(s.time);
    if (t !== null) {
      skew.value = t - Date.now();
      keepSkew(skew.value);
    }
    /* A partial event keeps what was known. */
    summary.value = { ...(summary.value ?? s), ...s };
  }

  /** Many pages left behind at one time do not all ask at once. */
  function resync(): void {
    clearTimeout(resyncs);
    resyncs = window.setTimeout(() => emit('resync', null), Math.random() * 1000);
  }

  function open(): void {
    source?.close();
    const es = new EventSource('/api/v1/live?topics=summary,state,latest,alarm,thing,case,inbox');
    source = es;
    fresh = true;
    es.onopen = () => {
      status.value = 'open';
      /* A stream begins at what comes next, and one that broke off before it had told anything has no place to go on from:
         what happened since the page was read is asked for. */
      if (fresh) resync();
    };
    es.addEventListener('reset', resync);
    es.onerror = () => {
      status.value = es.readyState === EventSource.CLOSED ? 'lost' : 'connecting';
      if (es.readyState === EventSource.CLOSED) setTimeout(open, 3000);
    };
    for (const kind of ['thing', 'case', 'inbox', 'alarm', 'frame', 'latest', 'state', 'summary'] as const) {
      es.addEventListener(kind, (m) => {
        fresh = false;
        const body = JSON.parse((m as MessageEvent<string>).data) as { items?: unknown[] };
        /* What happened within one tick of the server comes as one event. */
        const all = (Array.isArray(body.items) ? body.items : [body]) as never[];
        for (const one of all) {
          if (kind === 'summary') takeSummary(one);
          emit(kind, one);
        }
      });
    }
  }

  function start(): void {
    if (source) return;
    /* The stream tells it again every second, and says itself whether it holds. */
    api.summary().then(takeSummary, () => {});
    open();
  }

  function on<K extends keyof Events>(kind: K, f: Listener<K>): () => void {
    listeners[kind].add(f);
    return () => listeners[kind].delete(f);
  }

  return { status, summary, lastEvent, skew, now, start, on };
});
