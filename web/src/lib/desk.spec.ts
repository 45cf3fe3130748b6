import { expect, it } from 'vitest';
import type { CaseHead, Entry } from '@/api/cases';
import {
  byDue,
  byGrade,
  candidates,
  dayStart,
  doubled,
  holes,
  rosterRows,
  rowOf,
  sameThing,
  settle,
  stageOf,
  stages,
  type Row,
  type Shift,
} from './desk';

const T = Date.parse('2026-11-27T10:00:00+08:00');
const H = 3_600_000;
const head = (id: string, more: Partial<CaseHead> = {}): CaseHead =>
  ({
    id,
    flow: 'event',
    state: 'confirming',
    title: id,
    area: '320116',
    opened_us: T * 1000,
    ...more,
  }) as CaseHead;
const row = (id: string, more: Partial<Row> = {}): Row => ({
  ...rowOf(head(id), {
    fields: {
      grade: '3',
      nature: 'odour',
      found_at: '2026-11-27T10:00:00+08:00',
      place: { coordinates: [118.7, 32.2] },
    },
  }),
  ...more,
});

it('reads a row from the case and its record, also when the record is not there', () => {
  expect(row('a')).toMatchObject({ grade: 3, nature: 'odour', found: T, place: { lon: 118.7, lat: 32.2 }, due: null });
  expect(rowOf(head('b', { due_us: (T + H) * 1000 }), undefined)).toMatchObject({
    grade: 4,
    due: T + H,
    place: null,
    title: 'b',
  });
});
it('sorts by grade, then by what is due first', () => {
  const list = [row('a', { due: T + H }), row('b', { due: T }), row('c', { grade: 1 }), row('d')];
  expect([...list].sort(byGrade).map((r) => r.id)).toEqual(['c', 'b', 'a', 'd']);
  expect([...list].sort(byDue).map((r) => r.id)).toEqual(['b', 'a', 'c', 'd']);
});
it('keeps what is read in its place; what is new waits, what is open stays', () => {
  expect(settle(['a', 'b', 'c'], ['n', 'c', 'a'], 'b')).toEqual({ order: ['a', 'b', 'c'], waiting: ['n'] });
  expect(settle(['a', 'b'], ['b'], null)).toEqual({ order: ['b'], waiting: [] });
});

const move = (n: number, from: string, to: string, by = '王海'): Entry =>
  ({
    n,
    at_us: (T + n * H) * 1000,
    by_id: '',
    by_name: by,
    act: 'go',
    from_state: from,
    to_state: to,
    step: n,
    note: '',
  }) as Entry;
it('says the six stages: past, here, ahead, and what was left out', () => {
  const trace = [
    move(1, '', 'confirming', '系统'),
    move(2, 'confirming', 'dispatching', '李雪'),
    move(3, 'dispatching', 'dispatched'),
    move(4, 'dispatched', 'on_site'),
    move(5, 'on_site', 'closing'),
  ];
  const s = stages({ trace, state: 'closing', opened_us: T * 1000 });
  expect(s.map((x) => x.state)).toEqual(['past', 'past', 'past', 'skipped', 'here', 'ahead']);
  expect(s[1]).toMatchObject({ from: T + H, to: T + 2 * H, by: '李雪' });
  expect(s[2]).toMatchObject({ from: T + 2 * H, to: T + 5 * H });
  expect(stages({ trace, state: 'closing', opened_us: T * 1000 }, T - 60_000)[0]?.from).toBe(T - 60_000);
  expect(stages({ trace, state: 'archived', opened_us: T * 1000, closed_us: 1 }).at(-1)?.state).toBe('past');
  expect(stageOf('rejected')).toBe('confirm');
});
it('a stage that was gone back to is here again, and what came behind it ahead', () => {
  const s = stages({
    trace: [move(1, '', 'confirming'), move(2, 'confirming', 'dispatching'), move(3, 'dispatching', 'confirming')],
    state: 'confirming',
    opened_us: T * 1000,
  });
  expect(s[1]).toMatchObject({ state: 'here', from: T + 3 * H, to: null });
  expect(s[2]).toMatchObject({ state: 'ahead', from: null });
});

const shift = (id: string, from: number, to: number, more: Partial<Shift> = {}): Shift => ({
  id,
  user: id,
  name: id,
  post: 'grid',
  area: '320116',
  from: T + from * H,
  to: T + to * H,
  substitute: '',
  leave: false,
  skills: '',
  certificate: '',
  ...more,
});
it('finds the holes of a day; who is on leave covers nothing', () => {
  expect(holes([shift('a', 0, 4), shift('b', 3, 8)], T, T + 8 * H)).toEqual([]);
  expect(holes([shift('a', 1, 4), shift('b', 5, 8)], T, T + 9 * H)).toEqual([
    { from: T, to: T + H },
    { from: T + 4 * H, to: T + 5 * H },
    { from: T + 8 * H, to: T + 9 * H },
  ]);
  expect(holes([shift('a', 0, 4, { leave: true })], T, T + 4 * H)).toEqual([{ from: T, to: T + 4 * H }]);
});
it('finds one person at two places, and rows by area and post', () => {
  expect([
    ...doubled([shift('a', 0, 4, { user: 'x' }), shift('b', 3, 8, { user: 'x' }), shift('c', 8, 9, { user: 'x' })]),
  ]).toEqual(['a', 'b']);
  const rows = rosterRows(
    [shift('a', 0, 4), shift('b', 30, 40, { post: 'desk' }), shift('c', 0, 24, { area: '' })],
    T,
    T + 24 * H,
  );
  expect(rows.map((r) => [r.area, r.post, r.shifts.length, r.holes.length])).toEqual([
    ['', 'grid', 1, 0],
    ['320116', 'desk', 0, 1],
    ['320116', 'grid', 1, 1],
  ]);
  expect(dayStart(T)).toBe(Date.parse('2026-11-27T00:00:00+08:00'));
});
it('proposes those on duty: the district before the city, the skill before the others', () => {
  const list = [
    shift('city', 0, 9, { area: '', skills: 'odour' }),
    shift('own', 0, 9),
    shift('fit', 0, 9, { skills: 'noise odour' }),
    shift('off', 5, 9),
    shift('else', 0, 9, { area: '320104' }),
    shift('ill', 0, 9, { leave: true }),
  ];
  expect(candidates(list, '320116', 'odour', T + H).map((s) => s.id)).toEqual(['fit', 'own', 'city']);
});
it('names what could be the same thing: proposed first, then near, never itself or what is closed', () => {
  const far = row('far', { place: { lon: 119.5, lat: 31.3 }, area: '320118' }),
    near = row('near', { place: { lon: 118.71, lat: 32.2 }, found: T - H }),
    told = row('told', { place: null, area: '320118' }),
    shut = row('shut', { state: 'archived' });
  const one = row('one');
  const r = sameThing(
    one,
    [one, far, near, told, shut],
    new Set(['told']),
    (a, b) => Math.hypot(a.lon - b.lon, a.lat - b.lat) * 100,
  );
  expect(r.map((x) => [x.row.id, x.elder])).toEqual([
    ['told', true],
    ['near', true],
  ]);
});
