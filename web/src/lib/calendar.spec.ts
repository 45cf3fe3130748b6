import { expect, it } from 'vitest';
import { addDays, addMonths, isDay, monthGrid, readDay } from './calendar';

it('reads days as people type them and refuses those that are none', () => {
  for (const s of ['2026-11-27', '2026/11/27', '20261127', '2026年11月27日', ' 2026.11.27 '])
    expect(readDay(s)).toBe('2026-11-27');
  expect(readDay('2026-1-5')).toBe('2026-01-05');
  for (const s of ['2026-02-30', '2026-13-01', 'x', '', '26-1-1']) expect(readDay(s)).toBe('');
});
it('goes over months, years and leap days', () => {
  expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
  expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
  expect(addMonths('2026-01-31', -1)).toBe('2025-12-01');
  expect(isDay('2026-02-29')).toBe(false);
});
it('a month is six weeks from Monday on', () => {
  const g = monthGrid('2026-11-27'); /* 1 November 2026 is a Sunday */
  expect(g).toHaveLength(42);
  expect(g[0]).toBe('2026-10-26');
  expect(g[6]).toBe('2026-11-01');
  expect(g[41]).toBe('2026-12-06');
});
