import { describe, expect, it } from 'vitest';
import { differing, newsOf, next, outcome, uuid7, type Entry } from './outbox';

const entry = (seq: number, group: string, more: Partial<Entry> = {}): Entry => ({
  id: `e${seq}`,
  user: 'u',
  seq,
  at: 0,
  kind: 'act',
  group,
  flow: 'f',
  title: '',
  what: { zh: '', en: '' },
  path: '',
  state: 'waiting',
  ...more,
});

describe('what an answer means', () => {
  it('sends again where nobody knows whether it was done', () => {
    for (const status of [0, 408, 429, 500, 502, 503]) expect(outcome('act', { status })).toBe('later');
  });
  it('asks a person where somebody else acted, and never where the same bytes are there', () => {
    expect(outcome('act', { status: 409, code: 'ECONFLICT' })).toBe('conflict');
    expect(outcome('act', { status: 409, code: 'ESTATE' })).toBe('refused');
    expect(outcome('file', { status: 409, code: 'EEXISTS' })).toBe('done');
    expect(outcome('start', { status: 409, code: 'ECONFLICT' })).toBe('refused');
    expect(outcome('act', { status: 401 })).toBe('signin');
    expect(outcome('file', { status: 413 })).toBe('refused');
  });
});
describe('the order of sending', () => {
  it('keeps the order of a case, lets others pass, and leaves those of another person', () => {
    const all = [entry(3, 'b'), entry(1, 'a', { state: 'conflict' }), entry(2, 'a'), entry(0, 'c', { user: 'other' })];
    expect(next(all, 'u')?.seq).toBe(3);
    expect(
      next(
        all.filter((e) => e.group === 'a'),
        'u',
      ),
    ).toBeNull();
    expect(next([entry(2, 'a'), entry(1, 'a')], 'u')?.seq).toBe(1);
  });
});
describe('ids', () => {
  it('are UUIDs of version 7 in lower case, in the order of time', () => {
    const a = uuid7(1_700_000_000_000),
      b = uuid7(1_700_000_000_001);
    for (const x of [a, b]) expect(x).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(a < b).toBe(true);
  });
});

it('only what somebody else changed is to be chosen', () => {
  const e = {
    body: { data: { place: '北侧', text: '暗管', rain: true } },
    before: { place: null, text: null, rain: null },
    theirs: { n: 4, state: { zh: '', en: '' }, last: [], fields: { place: '南侧', rain: true } },
  };
  expect(differing(e)).toEqual(['place']);
  expect(differing({ ...e, before: undefined })).toEqual(['place', 'text']);
});
it('what others did is told before what he did himself', () => {
  const trace = [
    { n: 1, by_id: 'lead' },
    { n: 2, by_id: 'lead' },
    { n: 3, by_id: 'me' },
  ];
  expect(newsOf(trace, 1, 'me').map((t) => t.n)).toEqual([2]);
  expect(newsOf(trace, 2, 'me').map((t) => t.n)).toEqual([3]);
});
