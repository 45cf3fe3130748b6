/** The one map, search and the situation (docs/map.md). */
import { call, get } from './client';
import type * as S from './schema';

export type {
  Found,
  Here,
  HereLayer,
  Lead,
  MapFeature as LayerFeature,
  MapFeatures as Features,
  MapLayer as LayerInfo,
  MapLayerGroup as LayerGroupInfo,
  Situation,
  Tally,
} from './schema';
/** What was found; the pages of the system are known here, not there. */
export type Hit = Omit<S.Hit, 'kind' | 'rank'> & { kind: S.Hit['kind'] | 'page' };

export const onemap = {
  layers: (asOf: string | null, signal?: AbortSignal) =>
    get<S.MapLayers>('map/layers', { count: 1, as_of: asOf }, signal).then((r) => r.groups),
  features: (layer: string, q: Record<string, string | null>, signal?: AbortSignal) =>
    get<S.MapFeatures>('map/features', { layer, ...q }, signal),
  here: (body: unknown, signal?: AbortSignal) =>
    call<S.Here>('POST', 'map/here', { body, ...(signal ? { signal } : {}) }),
  search: (q: string, signal?: AbortSignal) => get<S.Hits>('search', { q, limit: 14 }, signal),
  situation: (signal?: AbortSignal) => get<S.Situation>('situation', undefined, signal),
};
