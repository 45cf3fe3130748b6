/** What anybody may see: resources of their own, narrower than the staff's (docs/access.md). */
import { get } from './client';
import type { Grade } from './types';

export interface PublicValue { factor: string; name: string; name_en: string; unit: string; value: number | null; flag: string; time: string; period: string }
export interface PublicSite {
  id: number; name: string; kind: string; district: { code: string; name: string; name_en?: string } | null; lon: number | null; lat: number | null;
  reviewed: boolean; grade: Grade | null; values?: PublicValue[];
}
export const open = {
  sites: (signal?: AbortSignal) => get<{ time: string; items: PublicSite[]; more: boolean }>('public/sites', undefined, signal),
  site: (id: number, signal?: AbortSignal) => get<PublicSite>(`public/sites/${id}`, undefined, signal),
};
