/** What was looked at lately: addresses only, kept for the person on this computer, gone when he leaves. Titles are asked for anew. */
import { ref } from 'vue';
import type { RouteLocationNormalized } from 'vue-router';
import { session } from '@/api/session';

export interface Visit {
  path: string;
  name: string;
  params: Record<string, string>;
  at: number;
}
const MOST = 12;
const NOT = new Set(['work', 'signin', 'none', 'portal', 'draws', 'play', 'show', 'me']);
const key = (): string => `shanshui.visited.${session.self?.user?.id ?? 'open'}`;

export function addVisit(list: readonly Visit[], v: Visit): Visit[] {
  return [v, ...list.filter((x) => x.path !== v.path)].slice(0, MOST);
}
function read(): Visit[] {
  try {
    return JSON.parse(localStorage.getItem(key()) ?? '[]') as Visit[];
  } catch {
    return [];
  }
}
function keep(list: readonly Visit[]): void {
  try {
    localStorage.setItem(key(), JSON.stringify(list));
  } catch {
    /* Private windows may refuse. */
  }
}
export const visits = ref<Visit[]>([]);
export const readVisits = (): void => {
  visits.value = read();
};
export function visited(to: RouteLocationNormalized, now: number): void {
  const name = String(to.name ?? '');
  if (!name || NOT.has(name)) return;
  const params = Object.fromEntries(Object.entries(to.params).map(([k, v]) => [k, String(v)]));
  visits.value = addVisit(read(), { path: to.path, name, params, at: now });
  keep(visits.value);
}
export function forgetVisits(): void {
  try {
    localStorage.removeItem(key());
  } catch {
    /* As above. */
  }
}
