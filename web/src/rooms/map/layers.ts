/** The layer tree: groups of kinds that exist in the data, and the base map's parts. */
import type { SiteKind } from '@/api/types';

export interface LayerGroup {
  key: 'air' | 'water' | 'source' | 'sound';
  kinds: SiteKind[];
}

export const GROUPS: readonly LayerGroup[] = [
  { key: 'air', kinds: ['air', 'roadside', 'weather'] },
  { key: 'water', kinds: ['water', 'drinking', 'rural'] },
  { key: 'source', kinds: ['source_water', 'source_air'] },
  { key: 'sound', kinds: ['noise', 'dust'] },
];
export const BASES = ['base_hills', 'base_roads', 'base_borders'] as const;
