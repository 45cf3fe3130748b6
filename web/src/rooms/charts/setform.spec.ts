import { expect, it } from 'vitest';
import type { Field, SetSpec } from '@/board/types';
import { addStep, dropStep, moveStep, newStep, problemsAt, problemsLeft, rowsOf, sourceOf, STEPS, tableOf, tableText, valueOf, valueText, whereOf, withMember, withStep } from './setform';

const f = (name: string, type: Field['type'], role: Field['role'] = 'category'): Field => ({ name, title: { zh: name, en: name }, type, role, unit: '' });
const FIELDS = [f('id', 'text', 'id'), f('district', 'text', 'geo'), f('time', 'time', 'time'), f('n', 'number', 'measure')];
const SPEC: SetSpec = { source: { kind: 'latest', factor: 'w01018', site_kind: 'source_water' }, steps: [{ do: 'sort', by: ['-value'] }, { do: 'top', n: 3, by: '-value' }] };

it('a member without a value is taken away', () => {
  expect(withMember({ a: 1 }, 'b', 2)).toEqual({ a: 1, b: 2 });
  for (const v of ['', null, undefined, [], {}]) expect(withMember({ a: 1, b: 2 }, 'b', v)).toEqual({ a: 1 });
  expect(withMember({ a: 1 }, 'b', false)).toEqual({ a: 1, b: false });
});
it('another source keeps what both have', () => {
  expect(sourceOf('series', SPEC.source)).toEqual({ kind: 'series', factor: 'w01018', site_kind: 'source_water', step: 'hour', window: { last: '24h' } });
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
it('conditions: a row, all, any; nested ones are for the JSON', () => {
  const c = { field: 'n', op: '>', value: 1 };
  expect(rowsOf(undefined)).toEqual({ any: false, rows: [] });
  expect(rowsOf(c)).toEqual({ any: false, rows: [c] });
  expect(rowsOf([c, c])).toEqual({ any: false, rows: [c, c] });
  expect(rowsOf({ any: [c, c] })).toEqual({ any: true, rows: [c, c] });
  expect(rowsOf({ all: [c, { any: [c] }] })).toBeNull();
  expect(whereOf(false, [])).toBeUndefined();
  expect(whereOf(false, [c])).toEqual(c);
  expect(whereOf(true, [c, c])).toEqual({ any: [c, c] });
});
it('values as they are typed', () => {
  expect(valueOf('3.5', '>', FIELDS[3])).toBe(3.5);
  expect(valueOf('3.5', '=', FIELDS[1])).toBe('3.5');
  expect(valueOf('320102，320104', 'in', FIELDS[1])).toEqual(['320102', '320104']);
  expect(valueOf('1, 9', 'between', FIELDS[3])).toEqual([1, 9]);
  expect(valueOf(':district', '=', FIELDS[1])).toEqual({ param: 'district' });
  for (const v of ['x', 3, { param: 'p' }, ['a', 'b']]) expect(valueOf(valueText(v), Array.isArray(v) ? 'in' : '=', typeof v === 'number' ? FIELDS[3] : FIELDS[1])).toEqual(v);
  const columns = [{ type: 'text' }, { type: 'number' }];
  expect(tableOf('甲\t1\n乙,2.5\n丙', columns)).toEqual([['甲', 1], ['乙', 2.5], ['丙', null]]);
  expect(tableOf(tableText([['甲', 1], ['乙', null]]), columns)).toEqual([['甲', 1], ['乙', null]]);
});
