import { expect, it } from 'vitest';
import { emptyOf, fieldsOf, inputOf, linesOf, type Schema } from './form';
import { cutAtStandards, daysText, shownColumns, type Column, type Row } from './law';
import { rowLine } from './say';

const SCHEMA: Schema = {
  type: 'object',
  required: ['kind', 'c', 'list'],
  properties: {
    kind: { type: 'string', enum: ['a', 'b'], description: '种类' },
    c: { type: 'number', minimum: 0, exclusiveMaximum: 21, description: '浓度，mg/m3' },
    n: { description: '个数', default: 1, anyOf: [{ type: 'integer', minimum: 1 }, { type: 'null' }] },
    on: { description: '是否', anyOf: [{ type: 'boolean' }, { type: 'null' }] },
    day: { type: 'string', format: 'date', description: '日' },
    list: { type: 'array', items: { type: ['number', 'null'] }, description: '各数' },
    some: { type: 'array', items: { type: 'string', enum: ['x', 'y'] }, description: '几个' },
    days: {
      anyOf: [{ type: 'array', items: { type: 'string', format: 'date' } }, { type: 'null' }],
      description: '几天',
    },
    of: {
      type: 'object',
      properties: { p: { type: 'number', minimum: 0 }, q: { type: 'number' } },
      description: '各项',
    },
  },
};
const fields = fieldsOf(SCHEMA, { c: 'mg/m3' });

it('each field has its kind, its words, its range and its unit apart from what it means', () => {
  expect(fields.map((f) => [f.name, f.kind])).toEqual([
    ['kind', 'one'],
    ['c', 'number'],
    ['n', 'integer'],
    ['on', 'boolean'],
    ['day', 'date'],
    ['list', 'numbers'],
    ['some', 'some'],
    ['days', 'dates'],
    ['of', 'map'],
  ]);
  expect(fields[1]).toMatchObject({ about: '浓度', unit: 'mg/m3', range: '≥ 0, < 21', required: true });
  expect(fields[2]).toMatchObject({ def: 1, required: false });
  expect(fields[5]!.nulls).toBe(true);
  expect(fields[8]!.words).toEqual(['p', 'q']);
});
it('an empty form sends nothing, so that the defaults of the server hold', () =>
  expect(inputOf(fields, emptyOf(fields))).toEqual({}));
it('what was typed is sent as what it is; what is no number stays a text for the server to refuse', () =>
  expect(
    inputOf(fields, {
      kind: 'a',
      c: '4.35',
      n: 'x',
      on: 'false',
      day: '2026-03-01',
      list: '1, -2.5 - 3e1',
      some: ['y'],
      days: '2026-10-01 2026-10-02',
      of: { p: '0.06', q: ' ' },
    }),
  ).toEqual({
    kind: 'a',
    c: 4.35,
    n: 'x',
    on: false,
    day: '2026-03-01',
    list: [1, -2.5, null, 30],
    some: ['y'],
    days: ['2026-10-01', '2026-10-02'],
    of: { p: 0.06 },
  }));
it('a result is told part by part', () => {
  expect(linesOf({ a: 1, b: { c: null } })).toEqual([
    { path: 'a', value: '1' },
    { path: 'b · c', value: '' },
  ]);
  expect(linesOf(['o3', 'pm25'])).toEqual([{ path: '', value: 'o3、pm25' }]);
  expect(linesOf([{ x: 2 }])).toEqual([{ path: ' 1 · x', value: '2' }]);
});

const column = (name: string): Column => ({
  name,
  type: 'text',
  title: name,
  title_en: name,
  about: '',
  required: false,
});
const row = (values: Record<string, unknown>): Row => ({ values }) as unknown as Row;
it('columns that say nothing, or say it in the other language, are left out', () => {
  const columns = ['item', 'low', 'text', 'text_en'].map(column);
  const rows = [row({ item: 'x', low: null, text: '优', text_en: 'good' })];
  expect(shownColumns(columns, rows, 'zh').map((c) => c.name)).toEqual(['item', 'text']);
  expect(shownColumns(columns, rows, 'en').map((c) => c.name)).toEqual(['item', 'text_en']);
});
it('days of a row', () => {
  expect(daysText({ valid_from: '2026-03-01', valid_to: null }, '不限')).toBe('2026-03-01 –');
  expect(daysText({ valid_from: null, valid_to: '2026-02-28' }, '不限')).toBe('– 2026-02-28');
  expect(daysText({ valid_from: null, valid_to: null }, '不限')).toBe('不限');
});
it('numbers of standards in a text become links, the longer before the shorter', () =>
  expect(cutAtStandards('依 HJ 75-2017 附录；HJ 7', ['HJ 7', 'HJ 75-2017', '法'])).toEqual([
    { text: '依 ', standard: false },
    { text: 'HJ 75-2017', standard: true },
    { text: ' 附录；', standard: false },
    { text: 'HJ 7', standard: true },
  ]));

it('a found row reads as a line: what it is, its bounds, then each column under its name', () => {
  const of = (name: string, title: string, title_en: string, type = 'text') =>
    ({ name, title, title_en, type, about: '', required: false }) as unknown as Column;
  const columns = [
    of('medium', '介质', 'Medium'),
    of('item', '项目', 'Item', 'item'),
    of('averaging', '时段', 'Averaging'),
    of('low', '下限', 'Low', 'number'),
    of('high', '上限', 'High', 'number'),
    of('unit', '单位', 'Unit', 'unit'),
  ];
  const row = (values: Record<string, unknown>): Row => ({ values }) as unknown as Row;
  const named = {
    factor: (code: string, lang: string): string => (lang === 'en' ? `TP ${code}` : `总磷 ${code}`),
    word: (text: string, lang: string): string =>
      lang === 'en' && text === '城镇污水处理厂' ? 'municipal plants' : text,
  };
  const effluent = row({ medium: 'effluent', item: 'w21011', averaging: 'day', low: null, high: '0.5', unit: 'mg/L' });
  expect(rowLine(columns, effluent, 'zh', named)).toBe('总磷 w21011 ≤ 0.5 mg/L；介质 废水；时段 日均值');
  expect(rowLine(columns, effluent, 'en', named)).toBe('TP w21011 ≤ 0.5 mg/L; Medium effluent; Averaging daily mean');
  const scope = [...columns, of('scope', '范围', 'Scope')];
  const plant = row({ medium: 'effluent', item: 'w21011', low: null, high: '1', scope: '城镇污水处理厂' });
  expect(rowLine(scope, plant, 'en', named)).toBe('TP w21011 ≤ 1; Medium effluent; Scope municipal plants');
  /* Of noise the day is no mean but half of it. */
  const noise = row({ medium: 'noise', item: 'Leq', averaging: 'day', low: null, high: '55', unit: 'dB' });
  expect(rowLine(columns, noise, 'zh', { factor: (c) => c, word: (w) => w })).toBe(
    'Leq ≤ 55 dB(A)；介质 声环境；时段 昼间',
  );
});
