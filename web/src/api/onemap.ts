/** The one map, search and the situation (docs/map.md). */
import type { Feature, FeatureCollection, Geometry } from 'geojson';
import type { Alarm, Site } from './types';
import type { Words } from './things';
import { call, get } from './client';

export interface LayerInfo {
  id: string;
  title: Words;
  place: 'own' | 'ref' | 'area';
  shape: string | null;
  style_field: string | null;
  flow: string | null;
  via: { field: string; type: string }[];
  count?: number;
}
export interface LayerGroupInfo {
  id: string;
  title: Words;
  layers: LayerInfo[];
}
export interface Found {
  distance_m: number;
  site?: Site;
  alarm?: Alarm;
  id?: string;
  title?: string;
  title_en?: string;
  area?: string | null;
  via?: { type: string; id: string; title: string } | null;
  geometry?: Geometry;
  link?: string;
}
export interface HereLayer {
  id: string;
  title: Words;
  items: Found[];
  count: number;
  truncated: boolean;
}
export interface Here {
  as_of: string;
  past: boolean;
  lon: number;
  lat: number;
  crs: string;
  from_crs: string | null;
  area_m2: number | null;
  total: number;
  district: { code: string; name: string; name_en: string } | null;
  groups: { id: string; title: Words; layers: HereLayer[] }[];
}
export interface Hit {
  kind: 'record' | 'case' | 'site' | 'device' | 'place' | 'page';
  title: string;
  title_en?: string;
  sub: Words;
  link: string;
  type?: string;
  lon?: number;
  lat?: number;
}
export interface Tally {
  urgent: number;
  serious: number;
  warning: number;
  notice: number;
  unacknowledged: number;
}
export interface Lead {
  alarm: Alarm;
  first_sign: string | null;
  raised: string | null;
  exceeded: string | null;
  noticed_minutes: number | null;
  lead_minutes: number | null;
}
export interface Situation {
  at: string;
  days: number;
  alarms: Tally;
  elements: { kind: string; sites: number; levels: number[]; alarms: Tally }[];
  districts: { district: { code: string; name: string; name_en: string }; alarms: Tally }[];
  flows: { id: string; title: Words; open: number; states: Record<string, number>; more: boolean }[];
  warnings: { exceedances: number; warned_ahead: number; mean_lead_minutes: number | null; items: Lead[] };
}
export type Features = FeatureCollection<
  Geometry,
  {
    id: string;
    title: string;
    title_en?: string;
    area?: string;
    count?: number;
    via?: { type: string; id: string; title: string };
  } & Record<string, unknown>
> & { truncated?: boolean };
export type LayerFeature = Feature<Geometry, Features['features'][number]['properties']>;

export const onemap = {
  layers: (asOf: string | null, signal?: AbortSignal) =>
    get<{ groups: LayerGroupInfo[] }>('map/layers', { count: 1, as_of: asOf }, signal).then((r) => r.groups),
  features: (layer: string, q: Record<string, string | null>, signal?: AbortSignal) =>
    get<Features>('map/features', { layer, ...q }, signal),
  here: (body: unknown, signal?: AbortSignal) =>
    call<Here>('POST', 'map/here', { body, ...(signal ? { signal } : {}) }),
  search: (q: string, signal?: AbortSignal) => get<{ items: Hit[]; more: boolean }>('search', { q, limit: 14 }, signal),
  situation: (signal?: AbortSignal) => get<Situation>('situation', undefined, signal),
};
