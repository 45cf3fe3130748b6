/** What lies near a place: sites and records with a place, kept on the phone so that they are there without signal. */
import { computed, ref, shallowRef, type ComputedRef, type Ref, type ShallowRef } from 'vue';
import { allSites } from '@/api/client';
import { may } from '@/api/session';
import { things } from '@/api/things';
import { position, type Fix } from '@/field/capture';
import { kept } from '@/field/kept';
import { kilometres, type Place } from '@/lib/place';

export interface Near {
  key: string;
  name: string;
  kind: string;
  /** What a record is; a site is told by its kind. */
  title?: { zh: string; en: string };
  to: string;
  lon: number;
  lat: number;
}
const NEAR_KM = 5;
const MOST = 12;

async function ask(): Promise<Near[]> {
  const out: Near[] = [];
  if (may('site.read'))
    await allSites((items) => {
      for (const s of items)
        if (s.lon !== null && s.lat !== null)
          out.push({ key: `s${s.id}`, name: s.name, kind: s.kind, to: `/sites/${s.id}`, lon: s.lon, lat: s.lat });
    });
  for (const ty of (await things.types()).filter((x) => x.geometry)) {
    const f = await things.features(ty.id, { limit: 1000 }).catch(() => null);
    for (const g of f?.features ?? []) {
      if (g.geometry?.type !== 'Point') continue;
      const p = g.properties as { id?: string; title?: string; name?: string } | null,
        id = String(g.id ?? p?.id ?? '');
      out.push({
        key: id,
        name: p?.title ?? p?.name ?? id,
        kind: 'source',
        title: ty.title,
        to: `/r/${ty.id}/${id}`,
        lon: g.geometry.coordinates[0]!,
        lat: g.geometry.coordinates[1]!,
      });
    }
  }
  return out;
}

/** around: where to look instead of where the phone stands. */
export function useNear(around?: () => Place | null): {
  here: Ref<Fix | null>;
  located: Ref<boolean>;
  near: ComputedRef<(Near & { km: number })[]>;
  places: ShallowRef<Near[]>;
  locate: () => Promise<void>;
  read: () => Promise<void>;
} {
  const places = shallowRef<Near[]>([]);
  const here = ref<Fix | null>(null);
  const located = ref(false);
  const near = computed(() => {
    const from = around?.() ?? here.value;
    if (!from) return [];
    return places.value
      .map((p) => ({ ...p, km: kilometres(from, p) }))
      .filter((p) => p.km <= NEAR_KM)
      .sort((a, b) => a.km - b.km)
      .slice(0, MOST);
  });
  async function locate(): Promise<void> {
    here.value = await position();
    located.value = true;
  }
  async function read(): Promise<void> {
    const p = await kept('places', ask).catch(() => null);
    if (p) places.value = p.value;
  }
  return { here, located, near, places, locate, read };
}
