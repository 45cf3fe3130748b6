import { expect, it } from 'vitest';
import type { Field, Thing } from '@/api/things';
import { byField, changes, check, chosen, filterText, listColumns, readFilter, same, valueText } from './record';

const t = (zh: string, en: string) => ({ zh, en });
const F: Field[] = [
  { id: 'name', title: t('名称', 'Name'), type: 'text', required: true, max: 6, list: true },
  {
    id: 'kind',
    title: t('类别', 'Kind'),
    type: 'choice',
    choices: [{ code: 'key', zh: '重点', en: 'Key' }],
    list: true,
  },
  { id: 'load', title: t('排放量', 'Load'), type: 'decimal', unit: 't', decimals: 2, min: 0 },
  { id: 'fine', title: t('罚款', 'Fine'), type: 'money' },
  { id: 'score', title: t('分', 'Score'), type: 'integer', compute: true, required: true },
  { id: 'phone', title: t('电话', 'Phone'), type: 'text', required: true },
  { id: 'owner', title: t('法人', 'Owner'), type: 'ref', ref: 'legal_person' },
  {
    id: 'rows',
    title: t('产品', 'Products'),
    type: 'list',
    fields: [
      { id: 'what', title: t('名称', 'Name'), type: 'text', required: true },
      { id: 'n', title: t('数量', 'Number'), type: 'integer' },
    ],
  },
  { id: 'when_', title: t('停产日', 'Stopped'), type: 'date', required: true, when: true },
];
const S = { lang: 'zh', names: { 'u-1': '张三公司' }, area: (c: string) => (c === '320115' ? '江宁区' : c) };

it('values are shown by their declaration', () => {
  const by = (id: string, v: unknown, lang = 'zh') =>
    valueText(
      F.find((f) => f.id === id)!,
      v,
      { ...S, lang },
    );
  expect(by('kind', 'key')).toBe('重点');
  expect(by('kind', 'key', 'en')).toBe('Key');
  expect(by('load', '12345.60')).toBe('12,345.60\u2009t');
  expect(by('load', '-0.50')).toBe('−0.50\u2009t');
  expect(by('fine', '96000')).toBe('¥\u200996,000');
  expect(by('owner', 'u-1')).toBe('张三公司');
  expect(by('owner', 'abcdef123456')).toBe('#123456');
  const industry: Field = { id: 'i', title: t('行业', 'Industry'), type: 'code', codes: 'industries' };
  const codes = { industries: { C2614: t('有机化学原料制造', '') } };
  expect(valueText(industry, 'C2614', S)).toBe('C2614');
  expect(valueText(industry, 'C2614', { ...S, codes })).toBe('有机化学原料制造 C2614');
  expect(valueText(industry, 'C9999', { ...S, codes })).toBe('C9999');
  expect(by('name', null)).toBe('—');
  expect(by('rows', [{ what: 'a' }, { what: 'b' }])).toBe('2 项');
  expect(valueText({ id: 'a', title: t('区', 'Area'), type: 'area' }, '320115', S)).toBe('江宁区');
  expect(valueText({ id: 'b', title: t('是', 'x'), type: 'bool' }, false, S)).toBe('否');
  expect(
    valueText({ id: 'p', title: t('点', 'x'), type: 'point' }, { type: 'Point', coordinates: [118.78, 32.05] }, S),
  ).toBe('118.7800, 32.0500');
  expect(valueText({ id: 'w', title: t('时', 'x'), type: 'time' }, '2026-11-27T10:00:00+08:00', S)).toBe(
    '2026-11-27 10:00',
  );
});

it('columns: declared ones that exist, the title always first or where it was put', () => {
  expect(listColumns(F, 'name')).toEqual(['name', 'kind']);
  expect(listColumns(F, 'name', ['kind', 'gone'])).toEqual(['name', 'kind']);
  expect(listColumns(F, 'name', ['kind', 'name'])).toEqual(['kind', 'name']);
});

it('only what changed is sent; emptied is null, masked and computed never', () => {
  const before = { name: '甲', load: '1.50', phone: '138****1234', rows: [{ what: 'x', n: 1 }] };
  expect(changes(F, before, { ...before }, ['phone'])).toEqual({});
  expect(changes(F, before, { ...before, name: '', phone: '139', score: 7, load: '1.5' }, ['phone'])).toEqual({
    name: null,
    load: '1.5',
  });
  expect(changes(F, before, { ...before, rows: [{ what: 'x', n: 1 }, { what: '', n: '' }, { what: 'y' }] })).toEqual({
    rows: [{ what: 'x', n: 1 }, { what: 'y' }],
  });
  expect(changes(F, before, { ...before, rows: [] })).toEqual({ rows: null });
});

it('comparison looks into lists and groups and takes 1 and "1" for the same', () => {
  expect(same([{ a: 1 }], [{ a: '1' }])).toBe(true);
  expect(same([{ a: 1 }], [{ a: 1, b: 2 }])).toBe(false);
  expect(same('', null)).toBe(true);
  expect(same(false, null)).toBe(false);
});

it('the form says what the server would say', () => {
  const e = check(
    F,
    { name: '七个字的名称长', load: '1.234', phone: '', rows: [{ what: '', n: 2 }, { what: '' }] },
    'zh',
  );
  expect(e).toEqual({ name: '须为 0 至 6 字', load: '小数至多 2 位', phone: '必填', 'rows.0.what': '必填' });
  expect(check(F, { name: '甲', phone: '138****', load: '-1' }, 'zh', ['phone'])).toEqual({ load: '须在 0 至 ∞ 之间' });
});

it('problems of the server stand at their field, the others above the form', () => {
  const known = (p: string) => p === 'name' || p === 'rows.0.what';
  expect(
    byField(
      [
        { field: 'name', zh: '必填', en: 'x' },
        { field: 'name', zh: '重复', en: 'x' },
        { field: 'ghost', zh: '不对', en: 'x' },
        { zh: '整体', en: 'x' },
      ],
      'zh',
      known,
    ),
  ).toEqual({ name: '必填；重复', '': 'ghost 不对；整体' });
});

it('filters read from an address survive nonsense', () => {
  expect(readFilter('nonsense')).toEqual([]);
  expect(readFilter('{"a":1}')).toEqual([]);
  expect(readFilter('[{"field":"kind","op":"in","value":["key"]},3]')).toEqual([
    { field: 'kind', op: 'in', value: ['key'] },
  ]);
  expect(filterText({ field: 'kind', op: 'in', value: ['key'] }, F[1], S)).toBe('类别 = 重点');
  expect(filterText({ field: 'load', op: 'between', value: ['1', '2'] }, F[2], S)).toBe('排放量 1\u2009t–2\u2009t');
  expect(filterText({ field: 'name', op: 'contains', value: '江' }, F[0], S)).toBe('名称 含 江');
});

it('a merge takes the value that is there unless the reader chose', () => {
  const thing = (fields: object): Thing => ({ fields }) as Thing;
  const a = thing({ name: '甲', kind: 'key', phone: '' });
  const b = thing({ name: '乙', kind: 'key', phone: '138' });
  expect(chosen(F, a, b, {})).toEqual({ name: 'a', phone: 'b' });
  expect(chosen(F, a, b, { name: 'b' })).toEqual({ name: 'b', phone: 'b' });
});
