import { expect, it } from 'vitest';
import type { Field, SetSpec } from '@/board/types';
import {
  addStep,
  constantOf,
  dropStep,
  groupOf,
  isCondition,
  moveStep,
  newStep,
  outName,
  outOf,
  paramValue,
  problemsAt,
  problemsLeft,
  sourceOf,
  STEPS,
  tableOf,
  tableText,
  usable,
  valueOf,
  valueText,
  whereOf,
  withMember,
  withStep,
} from './setform';

const f = (name: string, type: Field['type'], role: Field['role'] = 'category'): Field => ({
  name,
  title: { zh: name, en: name },
  type,
  role,
  unit: '',
});
const FIELDS = [
  f('id', 'text', 'id'),
  f('district', 'text', 'geo'),
  f('time', 'time', 'time'),
  f('n', 'number', 'measure'),
];
const SPEC: SetSpec = {
  source: { kind: 'latest', factor: 'w01018', site_kind: 'source_water' },
  steps: [
    { do: 'sort', by: ['-value'] },
    { do: 'top', n: 3, by: '-value' },
  ],
};

it('a member without a value is taken away', () => {
  expect(withMember({ a: 1 }, 'b', 2)).toEqual({ a: 1, b: 2 });
  for (const v of ['', null, undefined, [], {}]) expect(withMember({ a: 1, b: 2 }, 'b', v)).toEqual({ a: 1 });
  expect(withMember({ a: 1 }, 'b', false)).toEqual({ a: 1, b: false });
});
it('another source keeps what both have', () => {
  expect(sourceOf('series', SPEC.source)).toEqual({
    kind: 'series',
    factor: 'w01018',
    site_kind: 'source_water',
    step: 'hour',
    window: { last: '24h' },
  });
  expect(sourceOf('records', SPEC.source)).toEqual({ kind: 'records', type: 'discharger' });
});
it('steps are added, changed, moved, taken away; the declaration before is left alone', () => {
  const before = JSON.stringify(SPEC);
  expect(addStep(SPEC, { do: 'select', fields: ['a'] }).steps).toHaveLength(3);
  expect(moveStep(SPEC, 0, 1).steps).toEqual([SPEC.steps![1], SPEC.steps![0]]);
  expect(moveStep(SPEC, 0, -1)).toBe(SPEC);
  expect(withStep(SPEC, 1, { do: 'top', n: 9 }).steps![1]).toEqual({ do: 'top', n: 9 });
  expect(dropStep(dropStep(SPEC, 0), 0).steps).toBeUndefined();
  expect(JSON.stringify(SPEC)).toBe(before);
});
it('a new step names columns that are there', () => {
  expect(newStep('group', FIELDS)).toEqual({ do: 'group', by: ['district'], measures: [{ as: 'n2', fn: 'count' }] });
  expect(newStep('bucket', FIELDS)).toMatchObject({ field: 'time', by: 'day', as: 'day' });
  for (const k of STEPS) expect(newStep(k, FIELDS).do).toBe(k);
});
it('problems stand beside their member, the rest above', () => {
  const all = ['steps.0.by.0', 'steps.1.expr', 'source.type', 'params'].map((field) => ({ field, zh: '', en: '' }));
  expect(problemsAt(all, 'steps.0.by')).toHaveLength(1);
  expect(problemsAt(all, 'steps.0')).toHaveLength(1);
  expect(problemsAt(all, 'steps.1.ex')).toHaveLength(0);
  expect(problemsLeft(all, ['steps.0', 'source.type']).map((p) => p.field)).toEqual(['steps.1.expr', 'params']);
});
it('conditions: one, all, any, groups within groups; each part where the server names it', () => {
  const c = { field: 'n', op: '>', value: 1 };
  expect(groupOf(undefined)).toEqual({ any: false, parts: [], paths: [] });
  expect(groupOf(c)).toEqual({ any: false, parts: [c], paths: [''] });
  expect(groupOf([c, c])).toEqual({ any: false, parts: [c, c], paths: ['0', '1'] });
  expect(groupOf({ any: [c, c] })).toEqual({ any: true, parts: [c, c], paths: ['any.0', 'any.1'] });
  const deep = { all: [c, { any: [c, { all: [c] }] }] };
  const g = groupOf(deep)!;
  expect(g.paths).toEqual(['all.0', 'all.1']);
  expect(isCondition(g.parts[1])).toBe(false);
  expect(groupOf(g.parts[1])).toEqual({ any: true, parts: [c, { all: [c] }], paths: ['any.0', 'any.1'] });
  for (const odd of [7, { all: [c, 7] }, { all: [c], any: [c] }, { not: c }]) expect(groupOf(odd)).toBeNull();
});
it('conditions as they are written', () => {
  const c = { field: 'n', op: '>', value: 1 };
  expect(whereOf(false, [])).toBeUndefined();
  expect(whereOf(false, [undefined])).toBeUndefined();
  expect(whereOf(false, [c])).toEqual(c);
  expect(whereOf(true, [c], false)).toEqual({ any: [c] });
  expect(whereOf(true, [c, c])).toEqual({ any: [c, c] });
  expect(whereOf(false, [c, whereOf(true, [c, undefined], false)])).toEqual({ all: [c, { any: [c] }] });
  expect(whereOf(false, [c, whereOf(true, [undefined], false)])).toEqual(c);
});
it('parameters and the inputs and results of a calculator', () => {
  expect(paramValue('5', 'number')).toBe(5);
  expect(paramValue('320102', 'text')).toBe('320102');
  expect(paramValue('true', 'bool')).toBe(true);
  expect(constantOf('2026', { type: 'string' })).toBe('2026');
  expect(constantOf('7', { type: ['integer', 'null'] })).toBe(7);
  expect(outOf('iaqi', { type: ['integer', 'null'] })).toBe('iaqi');
  expect(outOf('next', { type: ['string', 'null'] })).toEqual({ as: 'next', type: 'text' });
  expect(outOf('', { type: 'number' })).toBeUndefined();
  expect([outName('a'), outName({ as: 'b' }), outName(undefined)]).toEqual(['a', 'b', '']);
  const calc = (type: string) => ({
    name: 'x',
    title: '',
    title_en: '',
    basis: '',
    formula: '',
    input: { required: ['a'], properties: { a: { type } } },
    result: { properties: { y: { type: 'number' } } },
  });
  expect([usable(calc('number')), usable(calc('array'))]).toEqual([true, false]);
});
it('values as they are typed', () => {
  expect(valueOf('3.5', '>', FIELDS[3])).toBe(3.5);
  expect(valueOf('3.5', '=', FIELDS[1])).toBe('3.5');
  expect(valueOf('320102，320104', 'in', FIELDS[1])).toEqual(['320102', '320104']);
  expect(valueOf('1, 9', 'between', FIELDS[3])).toEqual([1, 9]);
  expect(valueOf(':district', '=', FIELDS[1])).toEqual({ param: 'district' });
  for (const v of ['x', 3, { param: 'p' }, ['a', 'b']])
    expect(valueOf(valueText(v), Array.isArray(v) ? 'in' : '=', typeof v === 'number' ? FIELDS[3] : FIELDS[1])).toEqual(
      v,
    );
  const columns = [{ type: 'text' }, { type: 'number' }];
  expect(tableOf('甲\t1\n乙,2.5\n丙', columns)).toEqual([
    ['甲', 1],
    ['乙', 2.5],
    ['丙', null],
  ]);
  expect(
    tableOf(
      tableText([
        ['甲', 1],
        ['乙', null],
      ]),
      columns,
    ),
  ).toEqual([
    ['甲', 1],
    ['乙', null],
  ]);
});
