import { expect, it } from 'vitest';
import { timed } from '@/api/cases';
import type { Clock, Entry, Flow, Task } from '@/api/cases';
import { bins, blocked, clockShare, clockTone, dueText, lacks, leftText, missing, road, size } from './flow';

const H = 3_600_000,
  D = 24 * H;
const NOW = Date.parse('2026-11-27T10:00:00+08:00');
const us = (t: number): number => t * 1000;
const w = (zh: string) => ({ zh, en: zh });

it('what is left is said in two units at most', () => {
  expect(leftText(NOW + D + 7 * H, NOW, 'zh')).toBe('余 1 天 7 时');
  expect(leftText(NOW - 2 * D, NOW, 'zh')).toBe('超 2 天');
  expect(leftText(NOW + 83 * 60_000, NOW, 'zh')).toBe('余 1 时 23 分');
  expect(leftText(NOW + 40 * D + H, NOW, 'en')).toBe('40 d left');
  expect(leftText(NOW - 5 * 60_000, NOW, 'en')).toBe('5 min over');
});

it('a day ends at 24:00', () => {
  expect(dueText(Date.parse('2026-12-11T00:00:00+08:00'))).toBe('2026-12-10 24:00');
  expect(dueText(Date.parse('2026-12-11T17:30:00+08:00'))).toBe('2026-12-11 17:30');
  expect(dueText(Date.parse('2026-12-11T00:00:29+08:00'))).toBe('2026-12-11 00:00');
});

it('a clock leaves out what was paused', () => {
  const c = {
    id: 'a',
    clock: 'x',
    state: '',
    title: w('x'),
    n: 10,
    unit: 'day',
    law: '',
    start_us: us(NOW - 8 * D),
    due_us: us(NOW + 6 * D),
  } as Clock;
  expect(clockShare(c, NOW)).toBeCloseTo(8 / 14, 6);
  /* Of 14 days four were paused: 4 of 10 are gone. */
  expect(clockShare({ ...c, spans: [{ from_us: us(NOW - 6 * D), to_us: us(NOW - 2 * D) }] } as Clock, NOW)).toBeCloseTo(
    0.4,
    6,
  );
  expect(clockTone(c, NOW)).toBe('calm');
  expect(clockTone({ ...c, due_us: us(NOW + D) }, NOW)).toBe('soon');
  expect(clockTone({ ...c, due_us: us(NOW - 1000) }, NOW)).toBe('over');
  expect(clockTone({ ...c, due_us: undefined }, NOW)).toBe('paused');
  expect(clockTone({ ...c, done_us: us(NOW) }, NOW)).toBe('done');
});

const FLOW = {
  start: 'clue',
  states: [
    {
      id: 'clue',
      title: w('线索'),
      leave: [
        { to: 'filing', title: w('立案') },
        { to: 'dropped', title: w('不立') },
      ],
    },
    { id: 'filing', title: w('立案'), leave: [{ to: 'work', title: w('调查') }] },
    { id: 'work', title: w('调查'), leave: [{ to: 'done', title: w('结案') }] },
    { id: 'done', title: w('结案'), kind: 'end' },
    { id: 'dropped', title: w('不立案'), kind: 'end' },
  ],
} as unknown as Flow;
const go = (n: number, from: string, to: string, act = 'go'): Entry =>
  ({
    n,
    at_us: us(NOW + n * D),
    by_id: 'u',
    by_name: '吴',
    act,
    from_state: from,
    to_state: to,
    step: n,
    note: '',
  }) as Entry;

it('the road: what was gone through, where it is, the first way on', () => {
  const r = road(FLOW, [go(1, '', 'clue', 'open'), go(2, 'clue', 'filing')], 'filing');
  expect(r.map((s) => `${s.id}:${s.state}`)).toEqual(['clue:past', 'filing:here', 'work:ahead', 'done:ahead']);
  expect(r[0]!.to).toBe(NOW + 2 * D);
});
it('a case that was sent back has the later states ahead of it again', () => {
  const r = road(FLOW, [go(1, '', 'clue', 'open'), go(2, 'clue', 'filing'), go(3, 'filing', 'clue', 'return')], 'clue');
  expect(r.map((s) => `${s.id}:${s.state}`)).toEqual(['clue:here', 'filing:ahead', 'work:ahead', 'done:ahead']);
  expect(r[0]!.times).toBe(2);
});
it('an unusual end shows what led there and nothing behind', () => {
  expect(road(FLOW, [go(1, '', 'clue', 'open'), go(2, 'clue', 'dropped')], 'dropped').map((s) => s.id)).toEqual([
    'clue',
    'dropped',
  ]);
  expect(
    road(
      {
        start: 'a',
        states: [
          { id: 'a', title: w('a'), kind: 'work', leave: [{ to: 'b', title: w('b') }] },
          { id: 'b', title: w('b'), kind: 'work', leave: [{ to: 'a', title: w('a') }] },
        ],
      },
      [],
      'a',
    ).map((s) => s.id),
  ).toEqual(['a', 'b']);
});

it('a way needs what the draft does not give; guards are asked again when the draft changed', () => {
  const way = {
    act: 'go',
    to: 'filing',
    title: w('立案'),
    missing: [
      { what: 'field', id: 'party', zh: '当事人', en: 'party' },
      { what: 'file', id: 'photo', zh: '照片', en: 'photo' },
      { what: 'guard', id: '', zh: '时效', en: 'time' },
    ],
  };
  expect(missing(way, {}).map((p) => p.zh)).toEqual(['当事人', '照片', '时效']);
  expect(missing(way, { party: '甲' }).map((p) => p.zh)).toEqual(['照片', '时效']);
  expect(blocked({ ...way, missing: [way.missing[0]!] }, { party: '甲' }, true)).toBe(false);
  expect(blocked({ ...way, missing: [way.missing[2]!] }, {}, true)).toBe(false);
  expect(blocked({ ...way, missing: [way.missing[2]!] }, {}, false)).toBe(true);
  expect(lacks(way, { party: '甲' }, true).map((p) => p.zh)).toEqual(['照片']);
  expect(blocked({ ...way, missing: [way.missing[1]!] }, {}, true)).toBe(true);
});

it('tasks by the nearest time, in days of the city; what nobody has apart', () => {
  const t = (id: string, due: number | null, mine = true): Task =>
    ({
      id,
      case_id: id,
      flow: 'f',
      state: 's',
      kind: 'work',
      title: id,
      created_us: 0,
      mine,
      ...(due === null ? {} : { due_us: us(due) }),
    }) as Task;
  const g = bins(
    [
      t('later', null),
      t('today', Date.parse('2026-11-27T23:59:00+08:00')),
      t('tomorrow', Date.parse('2026-11-28T00:01:00+08:00')),
      t('free', NOW + H, false),
      t('late', NOW - H),
      t('lateFree', NOW - 2 * H, false),
    ],
    NOW,
  );
  expect(g.map((x) => [x.bin, x.tasks.map((y) => y.id)])).toEqual([
    ['over', ['lateFree', 'late']],
    ['today', ['today']],
    ['week', ['tomorrow']],
    ['later', ['later']],
    ['free', ['free']],
  ]);
});

it('sizes', () => {
  expect([size(900), size(20_480), size(3_500_000)]).toEqual(['900 B', '20 KB', '3.3 MB']);
});

it('times of a case are numbers under their name, those of its record stay as they are', () => {
  expect(
    timed({
      due: '2026-11-27T10:00:00+08:00',
      title: '2026-11-27T10:00',
      clocks: [{ start: '2026-11-27T09:00:00+08:00' }],
      record: { fields: { to: '2026-11-27T10:00:00+08:00' } },
    }),
  ).toEqual({
    due: '2026-11-27T10:00:00+08:00',
    due_us: NOW * 1000,
    title: '2026-11-27T10:00',
    clocks: [{ start: '2026-11-27T09:00:00+08:00', start_us: (NOW - H) * 1000 }],
    record: { fields: { to: '2026-11-27T10:00:00+08:00' } },
  });
});
