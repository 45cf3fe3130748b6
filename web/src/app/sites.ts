/** All sites with their newest values: read once, then kept by the live stream. */
import { defineStore } from 'pinia';
import { ref, shallowRef, triggerRef } from 'vue';
import { allSites, ApiError, passing } from '@/api/client';
import { useLive } from '@/api/live';
import { later } from './follow';
import type { LiveLatest, LiveState, Site, SiteState } from '@/api/types';

const STATES = new Set(['online', 'silent', 'partial', 'never', 'stopped']);

export const useSites = defineStore('sites', () => {
  const all = shallowRef(new Map<number, Site>());
  const total = ref(0);
  const loaded = ref(false);
  const error = shallowRef<ApiError | null>(null);
  const live = useLive();
  let started = false;
  let pending = 0;

  /* Many events a second end in two redraws a second. */
  function changed(): void {
    if (pending) return;
    pending = window.setTimeout(() => {
      pending = 0;
      triggerRef(all);
    }, 500);
  }

  async function load(): Promise<void> {
    error.value = null;
    const next = new Map<number, Site>();
    try {
      await allSites((items, n) => {
        for (const s of items) next.set(s.id, s);
        total.value = n;
        /* The first page is drawn at once, the rest together: each drawing costs a new clustering. */
        if (!loaded.value && all.value.size === 0) all.value = new Map(next);
      });
      all.value = next;
      loaded.value = true;
    } catch (e) {
      if (!(e instanceof ApiError)) throw e;
      error.value = e;
      if (passing(e)) later(() => error.value && void load());
    }
  }

  function takeLatest(e: LiveLatest): void {
    const s = all.value.get(e.site);
    if (!s) return;
    const latest = s.latest.slice();
    for (const v of e.values) {
      const i = latest.findIndex((l) => (l.series !== undefined ? l.series === v.series : l.factor === v.factor));
      if (i >= 0 && v.time >= latest[i]!.time)
        latest[i] = { ...latest[i]!, value: v.value, flag: v.flag, time: v.time };
    }
    const last = e.values.reduce((a, v) => (v.time > a ? v.time : a), s.last_time ?? '');
    all.value.set(e.site, {
      ...s,
      latest,
      grade: e.grade === undefined ? s.grade : e.grade,
      last_time: last || s.last_time,
      state: s.state === 'never' || s.state === 'silent' ? 'online' : s.state,
    });
    changed();
  }

  function takeState(e: LiveState): void {
    if (e.site === null) return;
    const s = all.value.get(e.site);
    if (!s) {
      void load();
      return;
    }
    if (STATES.has(e.state)) {
      all.value.set(e.site, { ...s, state: e.state as SiteState });
      changed();
    }
  }

  function start(): void {
    if (started) return;
    started = true;
    live.on('latest', takeLatest);
    live.on('state', takeState);
    live.on('resync', () => void load());
    void load();
  }

  return { all, total, loaded, error, start, load };
});
