import { expect, it } from 'vitest';
import type { Series } from '@/api/types';
import { at, lanes, rowsOf, type Bar } from './timeline';

const s = (id: number, factor: string, period: Series['period'], stat = 'Avg', more: Partial<Series> = {}): Series => ({
  id,
  site: 1,
  factor,
  name: factor,
  name_en: factor,
  unit: 'mg/L',
  stat,
  period,
  point: 'DW001',
  count: 5,
  first_time: null,
  last_time: null,
  ...more,
});

it('draws hours before live values, one series a factor, flow and power apart', () => {
  const l = lanes(
    [
      s(1, 'w01018', 'rtd', 'Rtd'),
      s(2, 'w01018', 'hour'),
      s(3, 'w01018', 'hour', 'Cou'),
      s(4, 'w00000', 'hour', 'Avg', { unit: 'L/s' }),
      s(5, 'e90001', 'hour', 'Avg', { unit: 'kW' }),
      s(6, '@MN', 'hour', '2061'),
      s(7, 'w21003', 'hour', 'Avg', { point: 'DW002' }),
      s(8, 'w21011', 'rtd', 'Rtd'),
      s(9, 'PrdPower', 'hour', 'Avg', { unit: '' }),
    ],
    'DW001',
    4,
  );
  expect(l.values.map((x) => x.id)).toEqual([2, 8]);
  expect(l.flow.map((x) => x.id)).toEqual([4]);
  expect(l.power.map((x) => x.id)).toEqual([5, 9]);
});
const bar = (key: string, from: number, to: number | null): Bar => ({ key, from, to, text: '', tone: '', glyph: '' });
it('sets bars that overlap one under the other', () => {
  expect(rowsOf([bar('a', 0, 10), bar('b', 5, 8), bar('c', 10, null)], 20).map((r) => r.map((b) => b.key))).toEqual([
    ['a', 'c'],
    ['b'],
  ]);
});
it('reads what stands at a time; an instant within reach', () => {
  expect(at([bar('a', 0, 10), bar('b', 5, 5), bar('c', 12, null)], 6, 2).map((b) => b.key)).toEqual(['a', 'b']);
  expect(at([bar('c', 12, null)], 99, 0)).toHaveLength(1);
});
