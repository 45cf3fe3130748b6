import { expect, it } from 'vitest';
import { missing, propose, put, rebind, refusal, take } from './bind';
import { kindOf, type ChartSpec, type Field, type Result } from './types';

const f = (name: string, type: Field['type'], role: Field['role'], unit = ''): Field => ({
  name,
  title: { zh: name, en: name },
  type,
  role,
  unit,
});
const FIELDS = [
  f('district', 'text', 'geo'),
  f('credit', 'text', 'category'),
  f('time', 'time', 'time'),
  f('n', 'number', 'measure'),
  f('mean', 'number', 'measure', 'mg/L'),
];
const R = (rows: Result['rows'], fields = FIELDS): Result => ({
  as_of: '',
  data_time: null,
  lag_s: null,
  total: rows.length,
  truncated: false,
  sampled: false,
  flags: {},
  explain: { zh: '', en: '', clause: [] },
  live: { topics: [] },
  hidden: ['secret'],
  fields,
  rows,
});
const channel = (kind: ChartSpec['chart'], id: string) => kindOf(kind).channels.find((c) => c.id === id)!;

it('a column goes into its place, or behind the others', () => {
  let b = put({}, channel('bar', 'x'), 'district');
  b = put(put(b, channel('bar', 'y'), 'n'), channel('bar', 'y'), 'mean');
  expect(b).toEqual({ x: 'district', y: ['n', 'mean'] });
  expect(put(b, channel('bar', 'y'), 'n')).toBe(b);
  expect(take(b, channel('bar', 'y'), 'n')).toEqual({ x: 'district', y: ['mean'] });
  expect(take(b, channel('bar', 'x'), 'district')).toEqual({ y: ['n', 'mean'] });
  expect(missing('bar', { x: 'district' })).toEqual(['y']);
});
it('bindings go over to another kind where they fit', () => {
  expect(rebind({ x: 'district', y: ['n'] }, 'pie', FIELDS)).toEqual({ name: 'district', value: 'n' });
  expect(rebind({ name: 'district', value: 'n' }, 'bar', FIELDS)).toEqual({ x: 'district', y: ['n'] });
  expect(rebind({ x: 'district', y: ['n'], colour: 'credit' }, 'sankey', FIELDS)).toEqual({
    from: 'district',
    to: 'credit',
    value: 'n',
  });
  expect(rebind({ x: 'time', y: ['n'] }, 'calendar', FIELDS)).toEqual({ time: 'time', value: 'n' });
  expect(rebind({ x: 'district', y: ['n'] }, 'calendar', FIELDS)).toEqual({ value: 'n' });
  expect(rebind({ x: 'gone', y: ['n'] }, 'line', FIELDS)).toEqual({ y: ['n'] });
});
it('a first proposal by the roles', () => {
  expect(propose(FIELDS)).toEqual({ chart: 'line', bind: { x: 'time', y: ['n'], colour: 'district' } });
  expect(propose([FIELDS[0]!, FIELDS[3]!])).toEqual({ chart: 'bar', bind: { x: 'district', y: ['n'] } });
  expect(propose([FIELDS[3]!])).toEqual({ chart: 'number', bind: { value: 'n' } });
  expect(propose([])).toBeNull();
});
it('says why it cannot be shown', () => {
  const rows: Result['rows'] = [['a', 'x', 0, 1, 2]];
  const of = (chart: ChartSpec['chart'], bind: ChartSpec['bind'], r = R(rows), options = {}) =>
    refusal({ set: 's', chart, bind, options }, r);
  expect(of('bar', { x: 'district', y: ['n'] })).toBeNull();
  expect(of('bar', { x: 'district' })).toBe('unbound');
  expect(of('bar', { x: 'gone', y: ['n'] })).toBe('noField');
  expect(of('bar', { x: 'secret', y: ['n'] })).toBe('noRight');
  expect(of('bar', { x: 'district', y: ['n'] }, R([]))).toBe('empty');
  expect(of('pie', { name: 'district', value: 'n' }, R([['a', 'x', 0, -1, 2]]))).toBe('negative');
  expect(of('sankey', { from: 'district', to: 'credit', value: 'n' }, R([['a', 'a', 0, 1, 2]]))).toBe('circle');
  expect(of('bar', { x: 'district', y: ['n', 'mean'] }, R(rows), { stack: true })).toBe('units');
  expect(of('map', { value: 'n' })).toBe('unbound');
});
