import { expect, it } from 'vitest';
import { KINDS } from '@/board/types';
import { chartsOf, VIEWS, type Ask } from './analysis';

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
it('a stretch that was zoomed into is asked for whole', () =>
  expect(chartsOf({ ...ask, zoom: { from: 'a', to: 'b' } }, 0, String)[0]!.spec!.source).toMatchObject({
    window: { from: 'a', to: 'b' },
  }));
