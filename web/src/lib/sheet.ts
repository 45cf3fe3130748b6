/** The daily sheet: four lists, each with what is open and what is closed. */
import type { SheetItem } from '@/api/types';

export const WHATS = ['not_received', 'invalid', 'unmarked', 'over'] as const;
export type What = (typeof WHATS)[number];

export function tally(items: readonly SheetItem[]): Record<What, { open: number; closed: number }> {
  const n = Object.fromEntries(WHATS.map((w) => [w, { open: 0, closed: 0 }])) as Record<
    What,
    { open: number; closed: number }
  >;
  for (const i of items) if (i.what in n) n[i.what][i.state]++;
  return n;
}

export const itemKey = (i: SheetItem): string => `${i.site}~${i.point}~${i.what}`;
/** The longest first; the same length by outlet, so that a new reading leaves all in place. */
export const byHours = (a: SheetItem, b: SheetItem): number =>
  (b.hours ?? 0) - (a.hours ?? 0) || a.site - b.site || a.point.localeCompare(b.point);
