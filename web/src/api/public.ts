/** What anybody may see: resources of their own, narrower than the staff's (docs/access.md). */
import { get, type Query } from './client';
import type * as S from './schema';

export type { PublicRecord, PublicSite, PublicValue } from './schema';
export const open = {
  records: (type: string, q: Query, signal?: AbortSignal) => get<S.PublicRecords>(`public/records/${type}`, q, signal),
  record: (type: string, id: string, signal?: AbortSignal) =>
    get<S.PublicRecord>(`public/records/${type}/${encodeURIComponent(id)}`, undefined, signal),
  sites: (signal?: AbortSignal) => get<S.PublicSites>('public/sites', undefined, signal),
  site: (id: number, signal?: AbortSignal) => get<S.PublicSite>(`public/sites/${id}`, undefined, signal),
};
