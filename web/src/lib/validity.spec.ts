import { expect, it } from 'vitest';
import { findingId, square, stretches } from './validity';

it('calls a day by its gravest hours and counts those that are valid', () => {
  expect(square({ hours: { valid: 20, invalid: 2, missing: 2 } })).toEqual({ state: 'invalid', valid: 20, due: 24 });
  expect(square({ hours: { valid: 24 } })).toEqual({ state: 'valid', valid: 24, due: 24 });
  expect(square({ hours: { not_due: 8, valid: 16 } })).toEqual({ state: 'valid', valid: 16, due: 16 });
  expect(square({ hours: { stopped: 24 } })).toEqual({ state: 'stopped', valid: 0, due: 0 });
  expect(square({ hours: {} }).state).toBe('not_due');
});
it('joins neighbouring hours of one state, never across a hole', () => {
  const h = (n: number, state: 'valid' | 'invalid' | 'not_due'): { time: string; state: typeof state } => ({
    time: `2026-11-27T0${n}:00:00+08:00`,
    state,
  });
  const at = (n: number): number => Date.parse(`2026-11-27T0${n}:00:00+08:00`);
  expect(stretches([h(0, 'valid'), h(1, 'valid'), h(2, 'invalid'), h(3, 'not_due'), h(4, 'invalid')])).toEqual([
    { from: at(0), to: at(2), state: 'valid' },
    { from: at(2), to: at(3), state: 'invalid' },
    { from: at(4), to: at(5), state: 'invalid' },
  ]);
});
it('names a finding as the server does', () =>
  expect(findingId('hour_state', 12, 'DW001', 'w01018', '', 1795752000000)).toBe(
    'hour_state~12~DW001~w01018~~1795752000000000',
  ));
