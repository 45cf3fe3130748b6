/**
 * One play as a page follows it: the record is the state, the server's clock says when it is shown. A play keeps to the briefing and the
 * screens as they were when it began. When the server is away the last state stays, and the keys of this page go on by themselves.
 */
import { computed, onBeforeUnmount, onMounted, ref, shallowRef, watch } from 'vue';
import { useLive } from '@/api/live';
import { things, type Thing } from '@/api/things';
import { ApiError, passing } from '@/api/client';
import { later } from '@/app/follow';
import { pageClock, screenBy } from './api';
import { applyAt, fields, screenOf, type Briefing, type Play, type Screen } from './model';

/** The server says something every second: so long a silence is looked into. */
const SILENT = 5000;

export function usePlay(id: string, hold: number | null = null) {
  const live = useLive();
  const clock = pageClock(hold);
  const record = shallowRef<Thing | null>(null),
    briefing = shallowRef<Briefing | null>(null),
    screen = shallowRef<Screen | null>(null);
  const screens = new Map<string, Screen | null>();
  /** The newest that is known, shown or not yet: what an act goes by. */
  const latest = shallowRef<Thing | null>(null);
  const ready = ref(0);
  const missing = ref(''),
    away = ref(false),
    awaySince = ref(0),
    shownAt = ref(0);
  const play = computed<Play | null>(() => (record.value ? fields<Play>(record.value) : null));
  let newest = 0,
    gone = false,
    wait = 0,
    frame = 0,
    again = 0;

  async function screenFor(p: Play, born: string): Promise<Screen | null> {
    const code = screenOf(p, briefing.value);
    /* What the presenter jumps to is the one of now. */
    const key = p.jump ? `now:${code}` : code;
    if (!screens.has(key)) {
      const t = await screenBy(code, p.jump ? undefined : born);
      screens.set(key, t ? fields<Screen>(t) : null);
    }
    return screens.get(key) ?? null;
  }

  function show(t: Thing, s: Screen | null): void {
    if (gone || t.version < (record.value?.version ?? 0)) return;
    missing.value = s ? '' : screenOf(fields<Play>(t), briefing.value);
    record.value = t;
    if (s !== screen.value) shownAt.value = Math.max(applyAt(t), clock.now() - 60_000);
    screen.value = s;
  }

  const stopWaiting = (): void => {
    cancelAnimationFrame(frame);
    clearTimeout(wait);
  };
  /** In the first frame at or after the moment: a timer comes when the page is free, a frame when the screen is drawn. A hidden page has no frames. */
  function atMoment(due: number, f: () => void): void {
    const left = due - clock.now();
    if (left <= 0) f();
    else if (document.hidden) wait = window.setTimeout(f, left);
    else frame = requestAnimationFrame(() => atMoment(due, f));
  }

  async function take(t: Thing): Promise<void> {
    if (t.version < newest) return;
    newest = t.version;
    latest.value = t;
    const p = fields<Play>(t);
    if (p.briefing && !briefing.value)
      briefing.value = fields<Briefing>(await things.one('briefing', p.briefing, { known_at: t.created }));
    const s = await screenFor(p, t.created);
    if (t.version < newest) return;
    stopWaiting();
    if (!record.value || hold !== null) show(t, s);
    else atMoment(applyAt(t), () => show(t, s));
  }

  let asking = 0;
  async function load(): Promise<void> {
    clearTimeout(again);
    asking++;
    try {
      await take(await things.one('play', id));
      away.value = false;
    } catch (e) {
      if (e instanceof ApiError && !passing(e)) {
        missing.value = id;
        return;
      }
      if (!away.value) awaySince.value = clock.now();
      away.value = true;
      again = window.setTimeout(load, 2000);
    } finally {
      asking--;
    }
  }

  /** The keys of a screen whose server is away: this screen only, nothing is written. */
  async function alone(step: number): Promise<void> {
    const t = record.value,
      b = briefing.value;
    if (!away.value || !t || !b?.scenes?.length) return;
    const p = fields<Play>(t),
      scene = Math.min(Math.max(p.scene + step, 0), b.scenes.length - 1);
    const next = { ...t, fields: { ...t.fields, scene, jump: null } } as Thing;
    const s = await screenFor(fields<Play>(next), t.created).catch(() => null);
    if (s) {
      record.value = next;
      screen.value = s;
      shownAt.value = clock.now();
    }
  }
  /** All screens of the briefing, so that a change of scene waits for nothing, and none is missed when the server is away. */
  async function ahead(): Promise<void> {
    const t = record.value,
      scenes = briefing.value?.scenes ?? [];
    if (gone || !t || ready.value === scenes.length) return;
    try {
      for (let n = ready.value; n < scenes.length; n++) {
        await screenFor({ ...fields<Play>(t), jump: '', scene: n }, t.created);
        ready.value = n + 1;
      }
    } catch {
      later(() => void ahead());
    }
  }

  let stop: (() => void)[] = [];
  onMounted(async () => {
    /* What is told while the first reading is on its way is not missed. */
    stop = [
      live.on('thing', (e) => {
        if (e.type === 'play' && e.id === id) void load();
      }),
      live.on('resync', () => void load()),
    ];
    await Promise.race([clock.ready, new Promise((r) => setTimeout(r, 1500))]);
    await load();
  });
  watch(record, (t, was) => {
    if (t && !was) void ahead();
  });
  const beat = window.setInterval(() => {
    if ((live.status !== 'open' || Date.now() - live.lastEvent > SILENT) && !away.value && !asking) void load();
  }, 3000);
  onBeforeUnmount(() => {
    gone = true;
    stop.forEach((f) => f());
    stopWaiting();
    clearTimeout(again);
    clearInterval(beat);
  });
  return { ready, latest, record, play, briefing, screen, shownAt, missing, away, awaySince, clock, load, alone };
}
