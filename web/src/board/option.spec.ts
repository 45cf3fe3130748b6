import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { refusal, restyle } from './bind';
import { areasOf, type Outlines } from './area';
import { classColours } from './classes';
import { leftOut, mix, numberText, optionOf, quantile, sectors, show, windRose } from './option';
import { fit, t95 } from './fit';
import { TEMPLATES, template } from './templates';
import { DRAWN, KINDS, type Bind, type ChartSpec, type Field, type Kind, type Options, type Result } from './types';

vi.stubGlobal('document', { documentElement: {} });
vi.stubGlobal('getComputedStyle', () => ({ getPropertyValue: () => '#123456' }));

const f = (name: string, type: Field['type'], role: Field['role'], more: Partial<Field> = {}): Field => ({
  name,
  title: { zh: name, en: name },
  type,
  role,
  unit: '',
  ...more,
});
const HOUR = 3_600_000;
const T0 = Date.UTC(2026, 10, 27, 16); /* midnight in Nanjing */
const R: Result = {
  as_of: '2026-11-28T00:00:00+08:00',
  data_time: null,
  lag_s: null,
  total: 5,
  truncated: false,
  sampled: false,
  flags: {},
  explain: { zh: '', en: '', clause: [] },
  live: { topics: [] },
  hidden: [],
  fields: [
    f('time', 'time', 'time'),
    f('district', 'text', 'geo', { labels: { 320102: { zh: '玄武区', en: 'Xuanwu' } } }),
    f('credit', 'text', 'category'),
    f('v', 'number', 'measure', { unit: 'mg/L' }),
    f('deg', 'number', 'measure'),
    f('lon', 'number', 'geo'),
    f('lat', 'number', 'geo'),
  ],
  rows: [
    [T0, '320102', 'g', 1, 10, 118.8, 32],
    [T0 + HOUR, '320102', 'r', 3, 90, 118.8, 32],
    [T0 + 2 * HOUR, '320104', 'g', null, 180, 118.7, 32.1],
    [T0 + 3 * HOUR, '320104', 'r', 5, 350, 118.7, 32.1],
    [T0 + 4 * HOUR, null, 'b', 2, 5, null, null],
  ],
};
const BINDS: Record<Kind, Bind> = {
  bar: { x: 'district', y: ['v'] },
  line: { x: 'time', y: ['v'] },
  pie: { name: 'district', value: 'v' },
  ring: { name: 'credit', value: 'v' },
  scatter: { x: 'deg', y: 'v' },
  radar: { name: 'credit', value: ['v'] },
  heat: { x: 'credit', y: 'district', value: 'v' },
  gauge: { value: 'v' },
  map: { lon: 'lon', lat: 'lat', value: 'v' },
  sankey: { from: 'district', to: 'credit', value: 'v' },
  graph: { from: 'district', to: 'credit' },
  calendar: { time: 'time', value: 'v' },
  box: { name: 'district', value: 'v' },
  funnel: { name: 'credit', value: 'v' },
  treemap: { name: 'credit', value: 'v', parent: 'district' },
  table: { columns: ['v'] },
  number: { value: 'v' },
  rank: { name: 'district', value: 'v' },
  words: { name: 'district', value: 'v' },
  rose: { direction: 'deg', value: 'v' },
  wind: { direction: 'deg', speed: 'v' },
};
const ctx = (id: (typeof TEMPLATES)[number] = 'light-office') => ({
  lang: 'zh' as const,
  tpl: template(id),
  animate: false,
});
const series = (o: object | null): { type: string; data: unknown[] }[] =>
  (o as { series: { type: string; data: unknown[] }[] }).series;

/** What a chart shows, without what it looks like: names, values, axes, links. */
const shown = (o: unknown): unknown =>
  Array.isArray(o)
    ? o.map(shown)
    : o && typeof o === 'object'
      ? Object.fromEntries(
          Object.entries(o)
            .filter(([k]) =>
              [
                'series',
                'data',
                'links',
                'source',
                'target',
                'name',
                'value',
                'children',
                'type',
                'stack',
                'xAxis',
                'yAxis',
                'min',
                'max',
                'indicator',
                'range',
                'markLine',
                'calendar',
                'radar',
                'visualMap',
                'inverse',
              ].includes(k),
            )
            .map(([k, v]) => [k, shown(v)]),
        )
      : o;

describe.each(KINDS.map((k) => k.id))('%s in every style', (chart) => {
  const options: Options = {
    stack: true,
    horizontal: chart === 'bar',
    min: 0,
    max: 9,
    limit: { value: 4, clause: 'GB 1' },
  };
  const spec = (template: (typeof TEMPLATES)[number]): ChartSpec => ({
    set: 's',
    params: { district: '320102' },
    chart,
    bind: BINDS[chart],
    options,
    template,
  });
  const first = shown(optionOf(spec(TEMPLATES[0]!), R, ctx(TEMPLATES[0])));
  it.each(TEMPLATES)('%s shows the same', (id) => {
    const was = spec(id);
    const before = JSON.stringify(was);
    const o = optionOf(was, R, ctx(id));
    expect(o === null).toBe(!DRAWN.has(chart));
    if (o) expect(series(o).length).toBeGreaterThan(0);
    expect(JSON.stringify(was)).toBe(before); /* drawing changes nothing of what is declared */
    expect(shown(o)).toEqual(first);
  });
  it('switching from any style to any other changes the style and nothing else', () => {
    for (const from of TEMPLATES)
      for (const to of TEMPLATES) {
        const next = restyle(spec(from), to);
        expect(next.template).toBe(to);
        expect({ ...next, template: from }).toEqual(spec(from));
        expect(refusal(next, R)).toBe(refusal(spec(from), R));
      }
  });
});
it('the server checks the same kinds by the same channels', async () => {
  const c = readFileSync(new URL('../../../src/serve/datasets/saved.c', import.meta.url), 'utf8');
  const rows = [...c.matchAll(/\{"([a-z]+)", "([a-z!+ ]+)"\}/g)].map((m) => [m[1], m[2]!.split(' ').sort()]).sort();
  expect(
    KINDS.map((k) => [k.id, k.channels.map((q) => `${q.id}${q.must ? '!' : ''}${q.many ? '+' : ''}`).sort()]).sort(),
  ).toEqual(rows);
});
it('bars have the values of the set, labels of the codes, and gaps for what is missing', () => {
  const o = optionOf({ chart: 'bar', bind: { x: 'district', y: ['v'], colour: 'credit' } }, R, ctx()) as {
    xAxis: { data: string[] };
    series: { name: string; data: unknown[] }[];
  };
  expect(o.xAxis.data).toEqual(['玄武区', '320104', '—']);
  expect(o.series.map((s) => [s.name, s.data])).toEqual([
    ['g', [1, null, null]],
    ['r', [3, 5, null]],
    ['b', [null, null, 2]],
  ]);
});
it('a line is broken where data are missing', () => {
  const gap = {
    ...R,
    rows: [
      ...R.rows.filter((r) => r[3] !== null),
      [T0 + 9 * HOUR, null, 'b', 7, 0, 0, 0],
      [T0 + 10 * HOUR, null, 'b', 8, 0, 0, 0],
    ],
  };
  const d = series(optionOf({ chart: 'line', bind: { x: 'time', y: ['v'] } }, gap as Result, ctx()))[0]!.data as [
    number,
    number | null,
  ][];
  expect(d.some((p) => p[1] === null)).toBe(true);
});
it('parts are sorted, the small ones together', () => {
  const many = {
    ...R,
    rows: Array.from({ length: 20 }, (_, i) => [T0, null, `c${i}`, i + 1, 0, 0, 0] as (string | number | null)[]),
  };
  const d = series(optionOf({ chart: 'pie', bind: { name: 'credit', value: 'v' } }, many, ctx()))[0]!.data as {
    value: number;
  }[];
  expect(d).toHaveLength(12);
  expect(d.reduce((s, x) => s + x.value, 0)).toBe(210);
});
it('sectors of the wind', () => {
  const s = sectors([
    [0, 2],
    [359, 4],
    [90, 1],
    [11, 6],
  ]);
  expect(s.mean[0]).toBe(4);
  expect(s.n[0]).toBe(3);
  expect(s.mean[4]).toBe(1);
  expect(s.mean[8]).toBeNull();
});
it('words of cells', () => {
  expect(numberText(1234567)).toBe('1,234,567');
  expect(numberText(0.1235)).toBe('0.124');
  expect(numberText(2.5)).toBe('2.5');
  expect(numberText(null)).toBe('—');
  expect(show('320102', R.fields[1], 'en')).toBe('Xuanwu');
  expect(show(T0, R.fields[0], 'zh')).toBe('2026-11-28');
  expect(show(true, undefined, 'zh')).toBe('是');
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
});

it('classes that are called by a colour, or that the law colours, keep it in every style', () => {
  const credit = f('credit', 'text', 'category', {
    labels: {
      green: { zh: '绿', en: 'Green' },
      yellow: { zh: '黄', en: 'Yellow' },
      red: { zh: '红', en: 'Red' },
      blue: { zh: '蓝', en: 'Blue' },
    },
  });
  const r: Result = {
    ...R,
    fields: [credit, f('n', 'number', 'measure')],
    rows: [
      ['green', 6],
      ['yellow', 3],
      ['red', 2],
      ['blue', 9],
    ],
  };
  for (const id of TEMPLATES) {
    const d = series(
      optionOf({ chart: 'ring', bind: { name: 'credit', value: 'n' } }, r, { ...ctx(id), lang: 'en' }),
    )[0]!.data as { name: string; itemStyle: { color: string } }[];
    const hue = (name: string): number[] =>
      [1, 3, 5].map((i) => parseInt(d.find((x) => x.name === name)!.itemStyle.color.slice(i, i + 2), 16));
    const [g, y, red, b] = ['Green', 'Yellow', 'Red', 'Blue'].map(hue) as [number[], number[], number[], number[]];
    expect(g[1]).toBeGreaterThan(Math.max(g[0]!, g[2]!));
    expect(red[0]).toBeGreaterThan(Math.max(red[1]!, red[2]!) * 2);
    expect(b[2]).toBeGreaterThan(Math.max(b[0]!, b[1]!));
    expect(Math.min(y[0]!, y[1]!)).toBeGreaterThan(y[2]! * 2);
  }
  const of = (...v: string[]): string[] =>
    [...classColours(f('k', 'text', 'category'), v).values()].map((z) => z.toUpperCase());
  /* HJ 633-2026, annex A: RGB 0,228,0 255,255,0 255,126,0 255,0,0 153,0,76 126,0,35. */
  expect(of('优', '良', '轻度污染', '中度污染', '重度污染', '严重污染')).toEqual([
    '#00E400',
    '#FFFF00',
    '#FF7E00',
    '#FF0000',
    '#99004C',
    '#7E0023',
  ]);
  /* A section that is 良好 is judged as water: 轻度污染 is yellow there (2011 No. 22), not the orange of the air. */
  expect(of('良好', '轻度污染')).toEqual(['#4DB876', '#F4D64A']);
  expect(of('Ⅱ类', '劣Ⅴ类')).toEqual(['#4FA9DE', '#E8584B']);
  expect(of('II', 'V')).toEqual(['#4FA9DE', '#F2943A']);
  expect(of('绿码', '红码')).toHaveLength(2);
  expect(of('优', '玄武区')).toEqual([]); /* a scale that does not know them all is not meant */
});
it('the pie leaves its labels room, and breaks a long one rather than cut it', () => {
  const r: Result = {
    ...R,
    fields: [f('k', 'text', 'category'), f('n', 'number', 'measure')],
    rows: [
      ['一个很长很长的名字要写全', 6],
      ['乙', 3],
    ],
  };
  const of = (box: [number, number]) =>
    series(optionOf({ chart: 'ring', bind: { name: 'k', value: 'n' } }, r, { ...ctx(), box }))[0] as unknown as {
      radius: [number, number];
      label: { overflow: string; formatter: (p: object) => string };
    };
  const [wide, narrow] = [of([800, 400]), of([320, 300])];
  expect(narrow.radius[1]).toBeLessThan(wide.radius[1]);
  expect(wide.label.overflow).toBe('break');
  expect(wide.label.formatter({ name: '乙', value: 3 })).toBe('乙\n3 · 33.3%');
});
it('how often the wind blows from where, and how fast', () => {
  /* Ten hours counted by hand: 2 calm (one without a direction), 4 from the north (1.0, 1.5, 1.6, 9), 3 from the east at 4, 1 from 349 degrees at 0.3; one without a speed is none. */
  const w = windRose([
    [null, 0],
    [123, 0.2],
    [0, 1],
    [5, 1.5],
    [358, 1.6],
    [11, 9],
    [90, 4],
    [91, 4],
    [89, 4],
    [349, 0.3],
    [10, null],
    [null, 3],
  ]);
  expect(w.n).toBe(10);
  expect(w.calm).toBe(20);
  expect(w.share.map((row) => row[0])).toEqual([30, 10, 0, 0, 10]);
  expect(w.share.map((row) => row[4])).toEqual([0, 0, 30, 0, 0]);
  expect(w.share.flat().reduce((s, x) => s + x, 0) + w.calm).toBeCloseTo(100);
  expect(mix(['#000000', '#ff0000'], 5)).toEqual(['#330000', '#660000', '#990000', '#cc0000', '#ff0000']);
});

/** Hours beside stations, as many as are wanted. */
const table = (hours: number, names: string[]): Result => ({
  ...R,
  fields: [f('hour', 'text', 'category'), f('name', 'text', 'category'), f('v', 'number', 'measure')],
  rows: names.flatMap((n) => Array.from({ length: hours }, (_, k) => [String(k), n, 56.93])),
});
it('numbers stand in the cells of a heat map only where they fit', () => {
  const shown = (hours: number, box: [number, number]): boolean => {
    const spec: ChartSpec = { set: 's', chart: 'heat', bind: { x: 'hour', y: 'name', value: 'v' }, options: {} };
    const o = optionOf(spec, table(hours, ['a', 'b']), {
      lang: 'zh',
      tpl: template('light-office'),
      animate: false,
      box,
    });
    return (o as { series: { label: { show: boolean } }[] }).series[0]!.label.show;
  };
  expect([shown(2, [480, 300]), shown(24, [480, 300]), shown(2, [480, 80])]).toEqual([true, false, false]);
});
it('the legend of curves stands whole, in as many lines as it needs', () => {
  const of = (names: string[]) => {
    const spec: ChartSpec = { set: 's', chart: 'line', bind: { x: 'hour', y: ['v'], colour: 'name' }, options: {} };
    return optionOf(spec, table(2, names), {
      lang: 'zh',
      tpl: template('light-office'),
      animate: false,
      box: [300, 300],
    }) as { legend: { type: string }; grid: { top: number } };
  };
  const [few, many] = [of(['甲', '乙']), of(['仙林大学城', '奥体中心', '中华门', '迈皋桥', '草场门', '山西路'])];
  expect([few.legend.type, many.legend.type]).toEqual(['plain', 'plain']);
  expect(many.grid.top).toBeGreaterThan(few.grid.top);
});

/* --- what a chart refuses, or does by itself */
type Rows = Result['rows'];
const of = (fields: Field[], rows: Rows): Result => ({ ...R, fields, rows, total: rows.length });
const names = (n: number): Rows => Array.from({ length: n }, (_, i) => [`n${i}`, n - i]);
const NV = [f('k', 'text', 'category'), f('v', 'number', 'measure', { unit: 't' })];
const why = (chart: Kind, bind: Bind, fields: Field[], rows: Rows, options: Options = {}): string | null =>
  refusal({ chart, bind, options }, of(fields, rows));

describe('refusals', () => {
  const mean = f('m', 'number', 'measure', { unit: 'mg/L', adds: 'never' });
  const rows: Rows = [
    ['a', 3],
    ['b', 2],
  ];
  it('means are not stacked, and are no parts of a whole', () => {
    const two = [NV[0]!, mean, { ...mean, name: 'm2' }];
    expect(why('bar', { x: 'k', y: ['m', 'm2'] }, two, [['a', 1, 2]], { stack: true })).toBe('noStack');
    expect(why('bar', { x: 'k', y: ['m', 'm2'] }, two, [['a', 1, 2]])).toBeNull();
    for (const kind of ['pie', 'ring', 'treemap', 'funnel'] as const)
      expect(why(kind, { name: 'k', value: 'm' }, [NV[0]!, mean], rows)).toBe('noWhole');
    /* Shares of one whole make it up. */
    const share = f('m', 'number', 'measure', { unit: '%', adds: 'never' });
    expect(
      why(
        'pie',
        { name: 'k', value: 'm' },
        [NV[0]!, share],
        [
          ['a', 60],
          ['b', 40],
        ],
      ),
    ).toBeNull();
  });
  it('a third unit has no axis; two have two', () => {
    const fs = [
      f('t', 'time', 'time'),
      ...['t', 'm3/h', 'mg/L'].map((unit, i) => f(`y${i}`, 'number', 'measure', { unit })),
    ];
    const data: Rows = [
      [T0, 1, 2, 3],
      [T0 + HOUR, 2, 3, 4],
    ];
    expect(why('line', { x: 't', y: ['y0', 'y1', 'y2'] }, fs, data)).toBe('axes2');
    const o = optionOf({ chart: 'line', bind: { x: 't', y: ['y0', 'y1'] } }, of(fs, data), ctx()) as {
      yAxis: { name: string }[];
      series: { yAxisIndex?: number }[];
    };
    expect(o.yAxis.map((a) => a.name)).toEqual(['y0 t', 'y1 m³/h']);
    expect(o.series.map((x) => x.yAxisIndex ?? 0)).toEqual([0, 1]);
  });
  it('two rows at one place are not silently one', () =>
    expect(
      why('bar', { x: 'k', y: ['v'] }, NV, [
        ['a', 1],
        ['a', 2],
      ]),
    ).toBe('doubled'));
  it('the end of a radar and of a gauge is declared', () => {
    expect(why('radar', { name: 'k', value: ['v'] }, NV, names(4))).toBe('noMax');
    expect(why('radar', { name: 'k', value: ['v'] }, NV, names(4), { max: 9 })).toBeNull();
    expect(why('radar', { name: 'k', value: ['v'] }, NV, names(2), { max: 9 })).toBe('radarAxes');
    expect(why('radar', { name: 'k', value: ['v'] }, NV, names(11), { max: 9 })).toBe('radarAxes');
    expect(why('gauge', { value: 'v' }, NV, rows)).toBe('noMax');
  });
  it('stages of a funnel nest', () => {
    expect(why('funnel', { name: 'k', value: 'v' }, NV, rows)).toBeNull();
    expect(why('funnel', { name: 'k', value: 'v' }, NV, [...rows].reverse())).toBe('notNested');
  });
  it('counts by district ask for a rate or a density; means need none', () => {
    const d = (adds?: 'count' | 'never'): Field[] => [
      f('d', 'text', 'geo'),
      f('v', 'number', 'measure', adds ? { adds } : {}),
    ];
    expect(why('map', { district: 'd', value: 'v' }, d('count'), [['320102', 1]])).toBe('countMap');
    expect(why('map', { district: 'd', value: 'v' }, d('count'), [['320102', 1]], { per: 'km2' })).toBeNull();
    expect(why('map', { district: 'd', value: 'v' }, d('never'), [['320102', 1]])).toBeNull();
  });
  it('a flow that comes back is no Sankey', () => {
    const ft = [f('a', 'text', 'category'), f('b', 'text', 'category'), NV[1]!];
    expect(
      why('sankey', { from: 'a', to: 'b', value: 'v' }, ft, [
        ['x', 'y', 1],
        ['y', 'z', 1],
        ['z', 'x', 1],
      ]),
    ).toBe('circle');
  });
  it('several units in one column are not one axis', () =>
    expect(
      why(
        'bar',
        { x: 'k', y: ['value'] },
        [NV[0]!, f('value', 'number', 'measure'), f('unit', 'text', 'category')],
        [
          ['a', 1, 'mg/L'],
          ['b', 2, 'ug/m3'],
        ],
      ),
    ).toBe('units1'));
  it('rows without a single value are told as such', () =>
    expect(
      why('bar', { x: 'k', y: ['v'] }, NV, [
        ['a', null],
        ['b', null],
      ]),
    ).toBe('allNull'));
});

it('more than thirty bars lie on their side and are scrolled; each begins at 0', () => {
  const o = optionOf({ chart: 'bar', bind: { x: 'k', y: ['v'] }, options: { min: 5 } }, of(NV, names(31)), ctx()) as {
    xAxis: { type: string; min?: number }[];
    dataZoom: { type: string; endValue?: number }[];
  };
  expect(o.xAxis[0]).toMatchObject({ type: 'value' });
  expect(o.xAxis[0]!.min).toBeUndefined();
  expect(o.dataZoom[0]!.type).toBe('slider');
  expect(o.dataZoom[0]!.endValue).toBeLessThan(30);
});

it('the law that changed is a step on its day: GB 3095-2012 and GB 3095-2026, 75 and 60 μg/m³ from 2026-03-01', () => {
  const at = Date.parse('2026-03-01T00:00:00+08:00');
  const fs = [f('t', 'time', 'time'), NV[1]!];
  const o = optionOf(
    {
      chart: 'line',
      bind: { x: 't', y: ['v'] },
      options: {
        limit: {
          value: 60,
          clause: 'GB 3095-2026',
          before: { value: 75, clause: 'GB 3095-2012', until: '2026-03-01' },
        },
      },
    },
    of(fs, [
      [at - 2 * HOUR, 50],
      [at - HOUR, 51],
      [at, 52],
      [at + HOUR, 53],
    ]),
    ctx(),
  ) as { series: { markLine: { data: { coord: [number, number] }[][] } }[] };
  expect(o.series[0]!.markLine.data.map((l) => l.map((p) => p.coord))).toEqual([
    [
      [at - 2 * HOUR, 75],
      [at, 75],
    ],
    [
      [at, 75],
      [at, 60],
    ],
    [
      [at, 60],
      [at + HOUR, 60],
    ],
  ]);
});

it('more than eight curves are small plots on one scale where there is room, else the largest eight', () => {
  const fs = [f('t', 'time', 'time'), f('k', 'text', 'category'), NV[1]!];
  const rows: Rows = Array.from(
    { length: 12 },
    (_, i) =>
      [
        [T0, `s${i}`, i],
        [T0 + HOUR, `s${i}`, i + 1],
      ] as Rows,
  ).flat();
  const spec: ChartSpec = { chart: 'line', bind: { x: 't', y: ['v'], colour: 'k' } };
  const o = optionOf(spec, of(fs, rows), { ...ctx(), box: [1200, 640] }) as {
    grid: unknown[];
    yAxis: { max: number }[];
  };
  expect(o.grid).toHaveLength(12);
  expect(new Set(o.yAxis.map((a) => a.max))).toEqual(new Set([12]));
  expect(leftOut(spec, of(fs, rows), 13, [1200, 640])).toBe(0);
  expect(series(optionOf(spec, of(fs, rows), { ...ctx(), box: [360, 300] }))).toHaveLength(8);
  expect(leftOut(spec, of(fs, rows), 13, [360, 300])).toBe(4);
  expect(leftOut(spec, of(fs, rows), 26, [876, 400])).toBe(4); /* a panel of a wall: its letters need their room */
});

it('beyond five thousand points the density is drawn, and no point is lost', () => {
  const fs = [f('x', 'number', 'measure'), f('y', 'number', 'measure')];
  const rows: Rows = Array.from({ length: 5001 }, (_, i) => [i % 97, i % 89]);
  const s = series(optionOf({ chart: 'scatter', bind: { x: 'x', y: 'y' } }, of(fs, rows), ctx()));
  expect((s[0]!.data as number[][]).reduce((n, d) => n + d[2]!, 0)).toBe(5001);
  expect(
    series(optionOf({ chart: 'scatter', bind: { x: 'x', y: 'y' } }, of(fs, rows.slice(1)), ctx()))[0]!.data,
  ).toHaveLength(5000);
});

it('what comes in and does not go out is drawn as difference', () => {
  const ft = [f('a', 'text', 'category'), f('b', 'text', 'category'), NV[1]!];
  const o = optionOf(
    { chart: 'sankey', bind: { from: 'a', to: 'b', value: 'v' } },
    of(ft, [
      ['x', 'y', 100],
      ['y', 'z', 80],
    ]),
    ctx(),
  ) as unknown as {
    series: { data: unknown[]; links: { source: string; value: number }[] }[];
  };
  expect(o.series[0]!.data).toHaveLength(4);
  expect(o.series[0]!.links.map((l) => [l.source, l.value])).toEqual([
    ['x', 100],
    ['y', 80],
    ['y', 20],
  ]);
});

it('districts: means are averaged, counts go by area', () => {
  const fs = (adds: 'count' | 'never'): Field[] => [f('d', 'text', 'geo'), f('v', 'number', 'measure', { adds })];
  const data = (adds: 'count' | 'never', options: Options): unknown =>
    series(
      optionOf(
        { chart: 'map', bind: { district: 'd', value: 'v' }, options },
        of(fs(adds), [
          ['320102', 2],
          ['320102', 4],
        ]),
        {
          ...ctx(),
          areas: new Map([['320102', 75]]),
        },
      ),
    )[0]!.data;
  expect(data('never', {})).toEqual([{ name: '320102', value: 3 }]);
  expect(data('count', { per: 'km2' })).toEqual([{ name: '320102', value: 6 / 75 }]);
});

/* 6,587 km² for the city and 1,563 for Jiangning: the city's own statement; the outlines are simplified. */
it('areas of the districts', () => {
  const areas = areasOf(JSON.parse(readFileSync('public/map/districts.json', 'utf8')) as Outlines);
  expect(Math.abs([...areas.values()].reduce((a, b) => a + b, 0) / 6587 - 1)).toBeLessThan(0.02);
  expect(Math.abs(areas.get('320115')! / 1563 - 1)).toBeLessThan(0.03);
});

describe('figures by another program (Python 3.11 statistics)', () => {
  const x = [12, 18.5, 22.1, 30.4, 33.3, 41, 47.7, 52.9, 60.2, 71.8];
  const y = [30.1, 41.2, 38.9, 60, 58.4, 80.3, 79.9, 101.5, 99.2, 130.6];
  it('the line of fit: linear_regression, correlation, and t(8) = 2.306 of the tables', () => {
    const l = fit(x.map((v, i) => [v, y[i]!] as const))!;
    expect(l.n).toBe(10);
    expect(l.slope).toBeCloseTo(1.6460335698066382, 10);
    expect(l.at0).toBeCloseTo(7.831151113239187, 10);
    expect(l.r).toBeCloseTo(0.9861430121202863, 10);
    expect(l.low).toBeCloseTo(1.4202701621934373, 3);
    expect(l.high).toBeCloseTo(1.871796977419839, 3);
  });
  it('no line through two points, or where nothing changes', () => {
    expect(
      fit([
        [0, 1],
        [1, 3],
      ]),
    ).toBeNull();
    expect(
      fit([
        [1, 1],
        [1, 3],
        [1, 4],
      ]),
    ).toBeNull();
  });
  it.each([
    [1, 12.706],
    [6, 2.447],
    [8, 2.306],
    [10, 2.228],
    [20, 2.086],
    [30, 2.042],
    [120, 1.98],
  ])('t at 95 %% with %i', (df, t) => expect(Math.abs(t95(df) - t)).toBeLessThan(0.0015));
  it('quartiles: quantiles(n=4, method="inclusive")', () => {
    const q = [3, 7, 8, 5, 12, 14, 21, 13, 18, 90].sort((a, b) => a - b);
    expect([0.25, 0.5, 0.75].map((p) => quantile(q, p))).toEqual([7.25, 12.5, 17]);
  });
});
