import { expect, it, vi } from 'vitest';
import { numberText, optionOf, quantile, sectors, show } from './option';
import { TEMPLATES, template } from './templates';
import { DRAWN, KINDS, type Bind, type ChartSpec, type Field, type Kind, type Result } from './types';

vi.stubGlobal('document', { documentElement: {} });
vi.stubGlobal('getComputedStyle', () => ({ getPropertyValue: () => '#123456' }));

const f = (name: string, type: Field['type'], role: Field['role'], more: Partial<Field> = {}): Field => ({ name, title: { zh: name, en: name }, type, role, unit: '', ...more });
const HOUR = 3_600_000;
const T0 = Date.UTC(2026, 10, 27, 16); /* midnight in Nanjing */
const R: Result = {
  as_of: '2026-11-28T00:00:00+08:00', data_time: null, lag_s: null, total: 5, truncated: false, sampled: false, flags: {}, explain: { zh: '', en: '', clause: [] }, live: { topics: [] }, hidden: [],
  fields: [f('time', 'time', 'time'), f('district', 'text', 'geo', { labels: { 320102: { zh: '玄武区', en: 'Xuanwu' } } }), f('credit', 'text', 'category'), f('v', 'number', 'measure', { unit: 'mg/L' }), f('deg', 'number', 'measure'), f('lon', 'number', 'geo'), f('lat', 'number', 'geo')],
  rows: [[T0, '320102', 'g', 1, 10, 118.8, 32], [T0 + HOUR, '320102', 'r', 3, 90, 118.8, 32], [T0 + 2 * HOUR, '320104', 'g', null, 180, 118.7, 32.1], [T0 + 3 * HOUR, '320104', 'r', 5, 350, 118.7, 32.1], [T0 + 4 * HOUR, null, 'b', 2, 5, null, null]],
};
const BINDS: Record<Kind, Bind> = {
  bar: { x: 'district', y: ['v'] }, line: { x: 'time', y: ['v'] }, pie: { name: 'district', value: 'v' }, ring: { name: 'credit', value: 'v' }, scatter: { x: 'deg', y: 'v' }, radar: { name: 'credit', value: ['v'] }, heat: { x: 'credit', y: 'district', value: 'v' }, gauge: { value: 'v' }, map: { lon: 'lon', lat: 'lat', value: 'v' },
  sankey: { from: 'district', to: 'credit', value: 'v' }, graph: { from: 'district', to: 'credit' }, calendar: { time: 'time', value: 'v' }, box: { name: 'district', value: 'v' }, funnel: { name: 'credit', value: 'v' }, treemap: { name: 'credit', value: 'v', parent: 'district' }, table: { columns: ['v'] }, number: { value: 'v' }, rank: { name: 'district', value: 'v' }, words: { name: 'district', value: 'v' }, rose: { direction: 'deg', value: 'v' },
};
const ctx = (id: (typeof TEMPLATES)[number] = 'light-office') => ({ lang: 'zh' as const, tpl: template(id), animate: false });
const series = (o: object | null): { type: string; data: unknown[] }[] => (o as { series: { type: string; data: unknown[] }[] }).series;

it.each(KINDS.map((k) => k.id))('%s is drawn from its own columns in every style', (chart) => {
  for (const id of TEMPLATES) {
    const spec: ChartSpec = { set: 's', chart, bind: BINDS[chart], options: {}, template: id };
    const before = JSON.stringify(spec);
    const o = optionOf(spec, R, ctx(id));
    expect(o === null).toBe(!DRAWN.has(chart));
    if (o) expect(series(o).length).toBeGreaterThan(0);
    expect(JSON.stringify(spec)).toBe(before); /* a style changes nothing of what is bound */
  }
});
it('bars have the values of the set, labels of the codes, and gaps for what is missing', () => {
  const o = optionOf({ chart: 'bar', bind: { x: 'district', y: ['v'], colour: 'credit' } }, R, ctx()) as { xAxis: { data: string[] }; series: { name: string; data: unknown[] }[] };
  expect(o.xAxis.data).toEqual(['玄武区', '320104', '—']);
  expect(o.series.map((s) => [s.name, s.data])).toEqual([['g', [1, null, null]], ['r', [3, 5, null]], ['b', [null, null, 2]]]);
});
it('a line is broken where data are missing', () => {
  const gap = { ...R, rows: [...R.rows.filter((r) => r[3] !== null), [T0 + 9 * HOUR, null, 'b', 7, 0, 0, 0], [T0 + 10 * HOUR, null, 'b', 8, 0, 0, 0]] };
  const d = series(optionOf({ chart: 'line', bind: { x: 'time', y: ['v'] } }, gap as Result, ctx()))[0]!.data as [number, number | null][];
  expect(d.some((p) => p[1] === null)).toBe(true);
});
it('parts are sorted, the small ones together', () => {
  const many = { ...R, rows: Array.from({ length: 20 }, (_, i) => [T0, null, `c${i}`, i + 1, 0, 0, 0] as (string | number | null)[]) };
  const d = series(optionOf({ chart: 'pie', bind: { name: 'credit', value: 'v' } }, many, ctx()))[0]!.data as { value: number }[];
  expect(d).toHaveLength(12);
  expect(d.reduce((s, x) => s + x.value, 0)).toBe(210);
});
it('sectors of the wind', () => {
  const s = sectors([[0, 2], [359, 4], [90, 1], [11, 6]]);
  expect(s.mean[0]).toBe(4);
  expect(s.n[0]).toBe(3);
  expect(s.mean[4]).toBe(1);
  expect(s.mean[8]).toBeNull();
});
it('words of cells', () => {
  expect(numberText(1234567)).toBe('1,234,567');
  expect(numberText(0.1235)).toBe('0.124');
  expect(numberText(2.50)).toBe('2.5');
  expect(numberText(null)).toBe('—');
  expect(show('320102', R.fields[1], 'en')).toBe('Xuanwu');
  expect(show(T0, R.fields[0], 'zh')).toBe('2026-11-28');
  expect(show(true, undefined, 'zh')).toBe('是');
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
});
