import { expect, it } from 'vitest';
import { KINDS } from '@/board/types';
import { chartsOf, fit, VIEWS, type Ask } from './analysis';

const ask: Ask = {
  view: 'line',
  factor: 'a34004',
  second: 'a34002',
  kind: 'air',
  district: '',
  site: '7',
  step: 'raw',
  window: 'w365d',
};
it.each(VIEWS)('%s asks for a whole data set and binds every channel that must be bound', (view) => {
  for (const c of chartsOf({ ...ask, view }, 0, (ms) => new Date(ms).toISOString())) {
    expect(c.spec!.source).toMatchObject({ kind: 'series', site_kind: 'air', sites: [7] });
    for (const ch of KINDS.find((k) => k.id === c.chart)!.channels) if (ch.must) expect(c.bind[ch.id]).toBeTruthy();
  }
});
it('a year of raw points is asked for as such: the server thins it', () =>
  expect(chartsOf(ask, 0, String)[0]!.spec!.source).toMatchObject({ step: 'raw', window: { last: '365d' } }));
it('least squares', () => {
  expect(
    fit([
      [0, 1],
      [1, 3],
      [2, 5],
    ]),
  ).toEqual({ r: 1, n: 3, slope: 2 });
  expect(
    fit([
      [0, 1],
      [1, 3],
    ]),
  ).toBeNull();
  expect(
    fit([
      [1, 1],
      [1, 3],
      [1, 4],
    ]),
  ).toBeNull();
});
