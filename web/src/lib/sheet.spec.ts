import { expect, it } from 'vitest';
import type { SheetItem } from '@/api/types';
import { byHours, itemKey, tally } from './sheet';

const item = (site: number, what: SheetItem['what'], state: SheetItem['state'], hours: number | null): SheetItem => ({
  site,
  site_name: '',
  district: '',
  point: 'DW001',
  what,
  state,
  hours,
  body: { closed: null, factors: [] },
});

it('counts open and closed apart, list by list', () => {
  const n = tally([item(1, 'invalid', 'open', 3), item(2, 'invalid', 'closed', 1), item(3, 'over', 'open', 24)]);
  expect(n.invalid).toEqual({ open: 1, closed: 1 });
  expect(n.over).toEqual({ open: 1, closed: 0 });
  expect(n.not_received).toEqual({ open: 0, closed: 0 });
});
it('sets the longest first and keeps equals by outlet', () => {
  const rows = [
    item(9, 'invalid', 'open', 2),
    item(4, 'invalid', 'open', null),
    item(2, 'invalid', 'open', 2),
    item(7, 'invalid', 'open', 24),
  ];
  expect(rows.sort(byHours).map((i) => i.site)).toEqual([7, 2, 9, 4]);
});
it('knows an item by its outlet and list', () => expect(itemKey(item(5, 'over', 'open', 1))).toBe('5~DW001~over'));
