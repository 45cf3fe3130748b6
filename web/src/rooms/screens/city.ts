/** Sites and alarms for the panels of a screen: of now, kept by the one stream of the page, or as they were at a moment, asked once a moment. */
import { computed, onBeforeUnmount, shallowRef, watch, type ComputedRef, type Ref } from 'vue';
import { api, passing } from '@/api/client';
import { useLive } from '@/api/live';
import type { Sites } from '@/api/schema';
import type { Alarm, Site } from '@/api/types';
import { later } from '@/app/follow';
import { useSites } from '@/app/sites';

export interface Picture {
  sites: Site[];
  alarms: Alarm[];
  asOf: string | null;
}
const KEPT = 4;
const moments = new Map<string, Promise<Picture>>();
const alarmsNow = shallowRef<Alarm[]>([]);
let started = false,
  timer = 0;

async function allAlarms(at: string | null): Promise<Alarm[]> {
  const out: Alarm[] = [];
  let cursor: string | null = null;
  do {
    const r: { items: Alarm[]; next: string | null } = await api.alarms({ active: 'true', limit: 500, at, cursor });
    out.push(...r.items);
    cursor = r.next;
  } while (cursor);
  return out;
}
async function sitesAt(at: string): Promise<Site[]> {
  const out: Site[] = [];
  let cursor: string | null = null;
  do {
    const r: Sites = await api.sites({ limit: 1000, at, cursor });
    out.push(...r.items);
    cursor = r.next;
  } while (cursor);
  return out;
}
function moment(at: string): Promise<Picture> {
  let p = moments.get(at);
  if (!p) {
    p = Promise.all([sitesAt(at), allAlarms(at)]).then(([sites, alarms]) => ({ sites, alarms, asOf: at }));
    p.catch(() => moments.delete(at));
    moments.set(at, p);
    if (moments.size > KEPT) moments.delete(moments.keys().next().value!);
  }
  return p;
}
function start(): void {
  if (started) return;
  started = true;
  const live = useLive();
  const read = (): void => {
    void allAlarms(null).then(
      (a) => {
        alarmsNow.value = a;
      },
      (e: unknown) => {
        if (passing(e)) later(soon);
      },
    );
  };
  /* A burst of events is one question; without any the ages go on by themselves. */
  const soon = (): void => {
    if (!timer)
      timer = window.setTimeout(() => {
        timer = 0;
        read();
      }, 1000);
  };
  live.on('alarm', soon);
  live.on('resync', soon);
  read();
}

/** null until something is known. What was shown stays until the next moment is there. */
export function useCity(asOf: () => string | null): ComputedRef<Picture | null> {
  const store = useSites();
  const past: Ref<Picture | null> = shallowRef(null);
  /* A moment that could not be read is asked for again while it is the one to show. */
  function read(at: string): void {
    void moment(at).then(
      (p) => {
        if (asOf() === at) past.value = p;
      },
      (e: unknown) => {
        if (passing(e)) later(() => asOf() === at && !gone && read(at));
      },
    );
  }
  let gone = false;
  onBeforeUnmount(() => {
    gone = true;
  });
  watch(
    asOf,
    (at) => {
      if (at === null) {
        past.value = null;
        store.start();
        start();
      } else read(at);
    },
    { immediate: true },
  );
  return computed(() => {
    if (asOf() !== null) return past.value;
    return store.all.size ? { sites: [...store.all.values()], alarms: alarmsNow.value, asOf: null } : null;
  });
}
