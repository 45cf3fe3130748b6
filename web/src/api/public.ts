/** What anybody may see: resources of their own, narrower than the staff's (docs/access.md). */
import { get, type Query } from './client';
import type { Grade } from './types';

export interface PublicValue {
  factor: string;
  name: string;
  name_en: string;
  unit: string;
  value: number | null;
  flag: string;
  time: string;
  period: string;
}
export interface PublicSite {
  id: number;
  name: string;
  kind: string;
  district: { code: string; name: string; name_en?: string } | null;
  lon: number | null;
  lat: number | null;
  reviewed: boolean;
  grade: Grade | null;
  values?: PublicValue[];
}
/** A record of a type that is public, as a citizen reads it. */
export interface PublicRecord {
  id: string;
  type: string;
  title: string;
  changed: string;
  fields: Record<string, unknown>;
}
export const open = {
  records: (type: string, q: Query, signal?: AbortSignal) =>
    get<{ items: PublicRecord[]; next: string | null }>(`public/records/${type}`, q, signal),
  record: (type: string, id: string, signal?: AbortSignal) =>
    get<PublicRecord>(`public/records/${type}/${encodeURIComponent(id)}`, undefined, signal),
  sites: (signal?: AbortSignal) =>
    get<{ time: string; items: PublicSite[]; more: boolean }>('public/sites', undefined, signal),
  site: (id: number, signal?: AbortSignal) => get<PublicSite>(`public/sites/${id}`, undefined, signal),
};
