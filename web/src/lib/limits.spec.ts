import { expect, it } from 'vitest';
import type { Limit } from '@/api/types';
import { limitSteps } from './limits';

const limit = (more: Partial<Limit>, data: Limit['act']['data']): Limit =>
  ({
    id: 'l',
    site: 1,
    point: '',
    factor: 'w01018',
    averaging: 'hour',
    from: '2026-11-01T00:00:00+08:00',
    to: null,
    state: 'set',
    standard: 'GB 18918-2002',
    clause: '表1',
    seq: 1,
    act: { act: 'x', by: 'y', data },
    ...more,
  }) as Limit;
const at = (s: string): number => Date.parse(`${s}T00:00:00+08:00`);

it('is cut to the window and solid where the averaging time is the one drawn', () => {
  const [s] = limitSteps([limit({}, { high: 50 })], 'hour', at('2026-11-20'), at('2026-11-27'));
  expect(s).toMatchObject({ from: at('2026-11-20'), to: at('2026-11-27'), value: 50, dashed: false, low: false });
  expect(
    limitSteps([limit({ averaging: 'day' }, { high: 50 })], 'hour', at('2026-11-20'), at('2026-11-27'))[0]!.dashed,
  ).toBe(true);
});
it('steps where the law or the permit changed', () => {
  const steps = limitSteps(
    [
      limit({ to: '2026-11-24T00:00:00+08:00' }, { high: 60 }),
      limit({ from: '2026-11-24T00:00:00+08:00' }, { high: 50 }),
    ],
    'hour',
    at('2026-11-20'),
    at('2026-11-27'),
  );
  expect(steps.map((s) => [s.from, s.to, s.value])).toEqual([
    [at('2026-11-20'), at('2026-11-24'), 60],
    [at('2026-11-24'), at('2026-11-27'), 50],
  ]);
});
it('has both sides of a range, and nothing outside its dates', () => {
  expect(
    limitSteps([limit({}, { low: 6, high: 9 })], 'hour', at('2026-11-20'), at('2026-11-27')).map((s) => s.value),
  ).toEqual([9, 6]);
  expect(
    limitSteps(
      [limit({ from: '2026-12-01T00:00:00+08:00' }, { high: 50 })],
      'hour',
      at('2026-11-20'),
      at('2026-11-27'),
    ),
  ).toEqual([]);
});
