/** Sends what is owed, one at a time and in order, whenever there is a way to the server. */
import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import { url } from '@/api/client';
import { timed, type Case, type Flow } from '@/api/cases';
import { session, type Self } from '@/api/session';
import { newsOf, next, outcome, type Answer, type Entry, type Theirs } from '@/lib/outbox';
import { problemsOf } from '@/lib/record';
import { owed, shelf } from './store';

const AGAIN = 10_000;
interface Told extends Answer {
  body: Record<string, unknown>;
}

async function ask(
  method: string,
  path: string,
  o: { query?: Record<string, string>; body?: BodyInit; type?: string } = {},
): Promise<Told> {
  try {
    const r = await fetch(url(path, o.query), {
      method,
      signal: AbortSignal.timeout(300_000),
      headers: {
        accept: 'application/json',
        ...(o.type ? { 'content-type': o.type } : {}),
        ...(session.self?.csrf ? { 'x-csrf-token': session.self.csrf } : {}),
      },
      ...(o.body === undefined ? {} : { body: o.body }),
    });
    const body = (await r.json().catch(() => null)) as Record<string, unknown> | null;
    /* An answer cut in the middle is no answer. */
    if (r.ok && !body) return { status: 0, body: {} };
    return { status: r.status, code: String(body?.code ?? '').replace(/^SS_/, ''), body: body ?? {} };
  } catch {
    return { status: 0, body: {} };
  }
}

export const useOutbox = defineStore('outbox', () => {
  const entries = shallowRef<Entry[]>([]);
  const online = ref(navigator.onLine);
  const signin = ref(false);
  const sending = ref('');
  const sent = ref(0);
  const broken = ref('');
  const user = computed(() => session.self?.user?.id ?? '');
  const mine = computed(() => entries.value.filter((e) => e.user === user.value));
  const others = computed(() => entries.value.length - mine.value.length);
  const stuck = computed(() => mine.value.filter((e) => e.state !== 'waiting'));
  let timer = 0,
    running = false,
    more = false,
    started = false;

  async function read(): Promise<void> {
    entries.value = await owed.all();
  }

  /** Kept on this phone first; sent behind it, in the order given. The same id twice is one entry. */
  async function put(entries: readonly Omit<Entry, 'seq' | 'at' | 'user' | 'state'>[], draft = ''): Promise<void> {
    if (!user.value && !session.self?.open) throw new Error('not signed in');
    const all = await owed.all();
    const last = all.at(-1)?.seq ?? 0;
    await owed.add(
      entries
        .filter((e) => !all.some((x) => x.id === e.id))
        .map((e, i) => ({ ...e, user: user.value, at: Date.now(), seq: last + 1 + i, state: 'waiting' as const })),
      draft,
    );
    await read();
    void drain();
  }

  /** What he has seen of the trace: his own acts before this one moved it on, and they are no conflict. */
  async function seen(e: Entry): Promise<number | undefined> {
    const c = await shelf.get<{ n: number; base: number }>('chain', e.group);
    return c && e.n !== undefined && c.base <= e.n && c.n > e.n ? c.n : e.n;
  }
  async function send(e: Entry): Promise<Told> {
    if (e.kind === 'file')
      return ask('POST', e.path, {
        query: { ...e.query, ask: e.id },
        body: e.bytes ?? new ArrayBuffer(0),
        type: e.type,
      });
    if (e.kind === 'start')
      return ask('POST', e.path, { body: JSON.stringify({ ...e.body, id: e.id }), type: 'application/json' });
    const n = await seen(e);
    return ask('POST', e.path, {
      body: JSON.stringify({ ...e.body, ...(n === undefined ? {} : { n }), ask: e.id }),
      type: 'application/json',
    });
  }

  async function theirs(e: Entry): Promise<Theirs | undefined> {
    const [c, f] = await Promise.all([ask('GET', `cases/${e.flow}/${e.group}`), ask('GET', `flows/${e.flow}`)]);
    if (c.status !== 200) return undefined;
    const k = timed(c.body) as unknown as Case,
      flow = f.body as unknown as Flow;
    return {
      n: k.n,
      state: flow.states?.find((s) => s.id === k.state)?.title ?? { zh: k.state, en: k.state },
      last: newsOf(k.trace, e.n ?? 0, user.value)
        .slice(-3)
        .map((t) => ({ by: t.by_name, act: t.act, at: t.at_us / 1000, note: t.note })),
      fields: k.record.fields ?? {},
    };
  }

  /** false: stop for now. */
  async function one(e: Entry): Promise<boolean> {
    sending.value = e.id;
    const a = await send(e);
    const o = outcome(e.kind, a);
    if (o === 'later') {
      online.value = a.status !== 0;
      return false;
    }
    online.value = true;
    if (o === 'signin') {
      signin.value = true;
      return false;
    }
    if (o === 'done') {
      /* A file adds one line to the trace; more of them are somebody else's, and the next act shall say so. */
      const n = a.body.n,
        base = await seen(e);
      await owed.done(e, typeof n === 'number' && (e.kind === 'act' || n === (base ?? NaN) + 1) ? n : undefined);
      sent.value++;
      return true;
    }
    const why = {
      zh: String(a.body.detail ?? a.body.title ?? a.status),
      en: String(a.body.detail_en ?? a.body.detail ?? a.status),
    };
    await owed.change({
      ...e,
      state: o,
      why,
      problems: problemsOf(a.body),
      ...(o === 'conflict' ? { theirs: await theirs(e) } : {}),
    });
    return true;
  }

  async function work(): Promise<void> {
    await read();
    if (!entries.value.length) return;
    const a = await ask('GET', 'session'),
      self = a.body as unknown as Self;
    online.value = a.status === 200;
    signin.value = online.value && !self.signed_in && !self.open;
    if (!online.value || signin.value) return;
    /* Who is signed in now sends what is his; the word that every act needs comes with it. */
    session.self = self;
    for (let e = next(entries.value, user.value); e; e = next(entries.value, user.value)) {
      const on = await one(e);
      await read();
      if (!on) return;
    }
  }

  async function drain(): Promise<void> {
    if (running) {
      more = true;
      return;
    }
    running = true;
    clearTimeout(timer);
    try {
      do {
        more = false;
        /* Two pages of one phone: one sends, the other looks on. */
        if (navigator.locks)
          await navigator.locks.request('shanshui-outbox', { ifAvailable: true }, (lock) =>
            lock ? work() : undefined,
          );
        else await work();
        await read();
      } while (more);
      broken.value = '';
    } catch (e) {
      broken.value = String(e);
    } finally {
      running = false;
      sending.value = '';
      if (started && mine.value.some((e) => e.state === 'waiting'))
        timer = window.setTimeout(() => void drain(), AGAIN);
    }
  }

  function start(): void {
    if (started) return;
    started = true;
    window.addEventListener('online', () => {
      online.value = true;
      void drain();
    });
    window.addEventListener('offline', () => {
      online.value = false;
    });
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) void drain();
    });
    void drain();
  }

  /** A person decided: it goes again, on top of what is there now, with the fields that he chose. */
  async function again(e: Entry, body = e.body): Promise<void> {
    await owed.change({
      ...e,
      body,
      state: 'waiting',
      why: undefined,
      problems: undefined,
      theirs: undefined,
      ...(e.theirs ? { n: e.theirs.n } : {}),
    });
    await read();
    await drain();
  }
  async function drop(e: Entry): Promise<void> {
    await owed.drop(e.id);
    await read();
    void drain();
  }
  return { entries, mine, others, stuck, online, signin, sending, sent, broken, start, put, drain, again, drop, read };
});
