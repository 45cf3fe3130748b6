/** The menu that the modules declare: groups on the rail, each with pages of records, flows and views. Read once. */
import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import { ApiError, get } from '@/api/client';
import { may } from '@/api/session';
import type { Module, Section, View, Words } from '@/api/schema';
import { follow } from './follow';
import { ROOMS } from './glyphs';

export type { Module, Section, View };
export interface Entry {
  key: string;
  title: Words;
  path: string;
}
export interface Group {
  id: string;
  title: Words;
  glyph: string;
  order: number;
  entries: Entry[];
  also: string[] /* pages of types and flows that have an entry of another path */;
}

/** Types and views with hand-made pages of their own; those of a room on the rail need no entry beside it. */
const PAGES: Record<string, string> = {
  screen: '/screens',
  briefing: '/briefings',
  wall: '/walls',
  data_set: '/charts/sets',
  chart: '/charts/gallery',
};
const MADE: Record<string, string> = { event_desk: '/desk', roster: '/desk/roster', handovers: '/desk/handover' };
/** Where a view leads. Two views of one type are told apart by their id. */
export function pathOf(v: View): string {
  if (MADE[v.id]) return MADE[v.id]!;
  if (v.type && v.layout !== 'map' && PAGES[v.type]) return PAGES[v.type]!;
  if (v.type)
    return `/r/${v.type}${v.layout === 'map' ? `?layout=map&view=${v.id}` : v.layout === 'file' ? `?view=${v.id}&tab=file` : `?view=${v.id}`}`;
  return v.flow ? `/c/${v.flow}?view=${v.id}` : '/';
}

/** Groups in their order. A type or a flow that no view shows gets an entry of its own, so that nothing declared is out of reach. */
export function groupsOf(modules: readonly Module[], room: (path: string) => boolean = () => true): Group[] {
  const groups = new Map<string, Group>();
  const at = (id: string, title: Words, order: number, glyph?: string): Group => {
    const g = groups.get(id) ?? { id, title, glyph: glyph ?? [...title.zh][0] ?? '·', order, entries: [], also: [] };
    groups.set(id, g);
    return g;
  };
  for (const m of modules) for (const x of m.menu ?? []) at(x.id, x.title, x.order ?? 100, x.glyph);
  for (const m of modules) {
    const home = m.menu?.[0]?.id ?? m.views?.find((v) => v.menu)?.menu ?? m.id;
    const shown = new Set<string>();
    for (const v of m.views ?? []) {
      if (v.layout === 'file' && !v.menu) continue; // more sections of a page that is somewhere else
      const g = at(v.menu ?? home, m.title, 100);
      g.entries.push({ key: `v:${v.id}`, title: v.title, path: pathOf(v) });
      g.also.push(...(v.type ? [`/r/${v.type}`] : []), ...(v.flow ? [`/c/${v.flow}`] : []));
      if (v.type) shown.add(`r:${v.type}`);
      if (v.flow) shown.add(`c:${v.flow}`);
    }
    /* The record of a flow is reached by its cases. */
    for (const f of m.flows ?? []) shown.add(`r:${f.record ?? ''}`);
    for (const f of m.flows ?? [])
      if (!shown.has(`c:${f.id}`))
        at(home, m.title, 100).entries.push({ key: `c:${f.id}`, title: f.title, path: `/c/${f.id}` });
    for (const r of m.types ?? [])
      if (!shown.has(`r:${r.id}`) && !(PAGES[r.id] && room(PAGES[r.id]!)))
        at(home, m.title, 100).entries.push({ key: `r:${r.id}`, title: r.title, path: `/r/${r.id}` });
  }
  return [...groups.values()].filter((g) => g.entries.length).sort((a, b) => a.order - b.order);
}

export const useMenu = defineStore('menu', () => {
  const modules = shallowRef<Module[]>([]);
  const read = ref(false);
  const groups = computed(() =>
    groupsOf(modules.value, (path) => ROOMS.some((r) => path.startsWith(r.path) && r.needs.some(may))),
  );
  const flows = computed(() => modules.value.some((m) => m.flows?.length));
  const views = computed(() => modules.value.flatMap((m) => m.views ?? []));
  /* Without modules the rooms that are built in remain, until there is a way to the server. */
  const again = follow(async () => {
    try {
      const r = await get<Module[] | { items: Module[] }>('modules');
      modules.value = Array.isArray(r) ? r : r.items;
      return true;
    } catch (e) {
      window.addEventListener('online', again.ask, { once: true });
      return e instanceof ApiError && e.refused;
    } finally {
      read.value = true;
    }
  });
  const load = again.ask;
  /** The group that a page of the modules belongs to. */
  function groupOf(path: string): Group | undefined {
    const bare = path.split('?')[0]!;
    const under = (p: string): boolean => bare === p || bare.startsWith(`${p}/`);
    return (
      groups.value.find((g) => g.entries.some((e) => under(e.path.split('?')[0]!))) ??
      groups.value.find((g) => g.also.some(under))
    );
  }
  return { modules, groups, flows, views, read, load, groupOf };
});
