/** From a chart's declaration and the rows of its set to what ECharts draws. Pure: the same in, the same out. */
import { date, dateMinute, minute, monthDay, NONE, parse, round8170, subscripts, unit as unitName } from '@/lib/format';
import { broken, gaps, usualStep } from '@/lib/gaps';
import { legible, mixed } from '@/lib/palette';
import { niceEnd } from '@/lib/scale';
import { asObjects, listOf, radarEnd, radarWide } from './bind';
import { classColours } from './classes';
import { fit } from './fit';
import { en, zh } from './locale';
import { fontOf, type Template } from './templates';
import type { Cell, ChartSpec, Field, Result } from './types';

/** box: the room in pixels, where it is known. areas: of the districts in km². */
export interface Context {
  lang: 'zh' | 'en';
  tpl: Template;
  animate: boolean;
  box?: [number, number];
  areas?: ReadonlyMap<string, number>;
}
const WORDS = { zh: zh.board, en: en.board };
const say = (
  c: Context,
  key: 'other' | 'biggest' | 'fitted' | 'density',
  more: Record<string, string | number>,
): string => WORDS[c.lang][key].replace(/\{(\w+)\}/g, (_, k: string) => String(more[k] ?? ''));
type Row = Record<string, Cell>;
const ROOM: [number, number] = [480, 300];
const SERIES_MOST = 8;
const SMALL_MOST = 24;
const PIE_MOST = 12;
const BARS_MOST = 30;
const BOXES_MOST = 40;
const POINTS_MOST = 5000;
const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond'];

export const titleOf = (f: Field | undefined, lang: string): string =>
  f ? subscripts(lang === 'en' ? f.title.en || f.title.zh : f.title.zh || f.title.en) : '';
export const headOf = (f: Field | undefined, lang: string): string =>
  f ? `${titleOf(f, lang)}${f.unit ? ` (${unitName(f.unit)})` : ''}` : '';

export function numberText(v: Cell | undefined): string {
  if (typeof v !== 'number' || !Number.isFinite(v)) return NONE;
  const a = Math.abs(v);
  if (a > 0 && a < 0.0005) return `${v < 0 ? '−' : ''}${a.toExponential(1).replace('-', '−')}`;
  if (Number.isInteger(v)) return v.toLocaleString('en-US').replace('-', '−');
  return round8170(v, a >= 100 ? 1 : a >= 1 ? 2 : 3)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
}
/** How many digits a number is told with. */
export const decimals = (v: number): number => numberText(v).split('.')[1]?.length ?? 0;
/** With its unit. Micrograms are told whole, as the air methods do. */
export function quantityText(v: Cell | undefined, unit = ''): string {
  if (typeof v !== 'number' || !Number.isFinite(v)) return NONE;
  const z = unitName(unit) === 'μg/m³' && Math.abs(v) >= 10 ? numberText(Number(round8170(v, 0))) : numberText(v);
  return unit ? `${z}${/^[%/]/.test(unit) ? '' : ' '}${unitName(unit)}` : z;
}
/** On an axis large numbers are short: 万 and 亿, k and M. */
function axisNumber(v: number, lang: string): string {
  const a = Math.abs(v);
  const [by, word] =
    lang === 'en' ? (a >= 1e6 ? [1e6, ' M'] : [1, '']) : a >= 1e8 ? [1e8, ' 亿'] : a >= 1e4 ? [1e4, ' 万'] : [1, ''];
  return `${numberText(v / (by as number))}${word}`;
}
/** A cell as people read it. */
export function show(v: Cell | undefined, f: Field | undefined, lang: string): string {
  if (v === null || v === undefined) return NONE;
  if (f?.type === 'time' && typeof v === 'number') return v % 86_400_000 === 57_600_000 ? date(v) : dateMinute(v);
  if (typeof v === 'boolean') return lang === 'en' ? (v ? 'yes' : 'no') : v ? '是' : '否';
  const label = f?.labels?.[String(v)];
  if (label) return subscripts(lang === 'en' ? label.en || label.zh : label.zh);
  return typeof v === 'number' ? numberText(v) : v;
}

const fieldOf = (r: Result, name: string | string[] | undefined): Field | undefined =>
  r.fields.find((f) => f.name === listOf(name)[0]);
const num = (v: Cell | undefined): number | null => (typeof v === 'number' && Number.isFinite(v) ? v : null);
const distinct = (rows: Row[], name: string): Cell[] => [...new Set(rows.map((r) => r[name] ?? null))];

/** Rows by the value of a column, the greatest groups first where there are too many. */
function groups(rows: Row[], by: string | undefined, value: string, most = SERIES_MOST): { key: Cell; rows: Row[] }[] {
  if (!by) return [{ key: null, rows }];
  const all = new Map<Cell, Row[]>();
  for (const r of rows) {
    const k = r[by] ?? null;
    const l = all.get(k);
    if (l) l.push(r);
    else all.set(k, [r]);
  }
  const out = [...all].map(([key, list]) => ({ key, rows: list }));
  if (out.length <= most) return out;
  const weight = (g: { rows: Row[] }): number => Math.max(...g.rows.map((r) => num(r[value]) ?? 0));
  return out.sort((a, b) => weight(b) - weight(a)).slice(0, most);
}

/** How a class that has a colour of its own is drawn, with an edge that is seen on every ground; nothing for others. */
function ownStyle(
  c: Context,
  colours: Map<Cell, string>,
  v: Cell | undefined,
): { itemStyle?: object; lineStyle?: object } {
  const colour = colours.get(v ?? null);
  return colour
    ? { itemStyle: { color: colour, borderColor: c.tpl.ink, borderWidth: 1 }, lineStyle: { color: colour } }
    : {};
}

/** How many groups a chart leaves out; said under it. */
export function leftOut(spec: ChartSpec, r: Result, size: number, box?: [number, number]): number {
  const by = listOf(spec.bind.colour)[0];
  if (spec.chart === 'box') return Math.max(0, distinct(asObjects(r), listOf(spec.bind.name)[0]!).length - BOXES_MOST);
  if (!by || !['bar', 'line'].includes(spec.chart)) return 0;
  const n = distinct(asObjects(r), by).length;
  return Math.max(0, n - (spec.chart === 'line' && cells(n, box ?? ROOM, size) ? SMALL_MOST : SERIES_MOST));
}

/** How many small plots stand beside each other, where so many curves would hide one another; null: no room for them. */
function cells(n: number, [w, h]: readonly [number, number], size: number): { cols: number; rows: number } | null {
  const shown = Math.min(n, SMALL_MOST);
  if (n <= SERIES_MOST) return null;
  const cols = Math.max(1, Math.min(shown, Math.floor(w / (17 * size))));
  const rows = Math.ceil(shown / cols);
  return h / rows >= 9 * size ? { cols, rows } : null;
}

const axisText = (c: Context): object => ({ color: c.tpl.ink2, fontSize: c.tpl.size, fontFamily: fontOf(c.tpl) });
const valueAxis = (c: Context, name: string, o: ChartSpec['options'] & { whole?: boolean } = {}): object => ({
  type: 'value',
  splitNumber: (c.box ?? ROOM)[1] < 14 * c.tpl.size ? 2 : 5,
  ...(o.whole ? { minInterval: 1 } : {}),
  name,
  nameTextStyle: { ...axisText(c), align: 'left' },
  axisLabel: { ...axisText(c), formatter: (v: number) => axisNumber(v, c.lang) },
  splitLine: { lineStyle: { color: c.tpl.line } },
  axisLine: { show: c.tpl.rule, lineStyle: { color: c.tpl.line } },
  ...(typeof o.min === 'number' ? { min: o.min } : {}),
  ...(typeof o.max === 'number' ? { max: o.max } : {}),
});
/** Names that do not fit beside each other are turned; only where even these would lie on each other some are left out. */
const catAxis = (c: Context, data: string[], flat = false): object => ({
  type: 'category',
  data,
  axisLabel: {
    ...axisText(c),
    hideOverlap: true,
    ...(!flat &&
    data.length * (Math.max(...data.map((d) => widthOf(d, c.tpl.size)), 0) + 0.6 * c.tpl.size) >
      (c.box ?? ROOM)[0] - 6 * c.tpl.size
      ? { rotate: 32 }
      : {}),
    ...(data.length * 1.3 * c.tpl.size < (c.box ?? ROOM)[flat ? 1 : 0] - 4 * c.tpl.size
      ? { interval: 0, hideOverlap: false }
      : {}),
  },
  axisLine: { lineStyle: { color: c.tpl.line } },
  axisTick: { show: false },
});
/* Marks between whole hours would stand where nothing can be. */
const timeAxis = (c: Context, at: readonly number[]): object => ({
  type: 'time',
  ...(at.every((t) => t % 3_600_000 === 0) ? { minInterval: 3_600_000 } : {}),
  axisLabel: {
    ...axisText(c),
    hideOverlap: true,
    formatter: (v: number) => (v % 86_400_000 === 57_600_000 ? monthDay(v) : minute(v)),
  },
  axisPointer: { label: { formatter: (p: { value: number }) => dateMinute(p.value) } },
  axisLine: { lineStyle: { color: c.tpl.line } },
  splitLine: { show: false },
});
/* A limit over all of the plot, or from the day on which it holds, with what held before in a step. */
function limitLine(spec: ChartSpec, c: Context, flat = false, time: [number, number] | null = null): object {
  const l = spec.options?.limit;
  if (!l) return {};
  const words = [numberText(l.value), l.title ? l.title[c.lang] || l.title.zh : '', l.clause ?? '']
    .filter(Boolean)
    .join(' ');
  const at = l.before && time ? parse(`${l.before.until}T00:00:00+08:00`) : null;
  const label = (formatter: string, position: string): object => ({
    color: c.tpl.danger,
    formatter,
    position,
    fontSize: c.tpl.size,
    fontFamily: fontOf(c.tpl),
    textBorderColor: c.tpl.surface,
    textBorderWidth: 3,
  });
  const whole = [
    { [flat ? 'xAxis' : 'yAxis']: l.value, label: label(words, flat ? 'insideEndBottom' : 'insideEndTop') },
  ];
  let data: object[] = whole;
  if (at !== null && l.before && time && at > time[0]) {
    const from = Math.min(at, time[1]);
    const old = [numberText(l.before.value), l.before.clause ?? ''].filter(Boolean).join(' ');
    const level = (v: number, x0: number, x1: number, z: string, p: string): object[] => [
      { coord: [x0, v], label: label(z, p) },
      { coord: [x1, v] },
    ];
    data = [level(l.before.value, time[0], from, old, 'insideStartTop')];
    if (at < time[1])
      data.push(
        [{ coord: [at, l.before.value], label: label(date(at), 'middle') }, { coord: [at, l.value] }],
        level(l.value, at, time[1], words, 'insideEndTop'),
      );
  }
  return {
    markLine: {
      silent: true,
      symbol: 'none',
      lineStyle: { color: c.tpl.danger, type: 'solid', width: c.tpl.stroke },
      data,
    },
  };
}
const grid = { left: 12, right: 20, top: 40, bottom: 12, containLabel: true };

/** The unit of each value axis, at most two; which axis a measure stands on. */
function unitsOf(fields: readonly Field[]): { units: string[]; at: (f: Field) => number } {
  const units = [...new Set(fields.map((f) => f.unit))];
  return { units, at: (f) => units.indexOf(f.unit) };
}
type Drawn = { name: string; field: Field; rows: Row[]; key: Cell };
/** What is drawn: a series for each measure and group. */
function drawnOf(spec: ChartSpec, r: Result, c: Context, most: number): Drawn[] {
  const rows = asObjects(r);
  const ys = listOf(spec.bind.y);
  const by = listOf(spec.bind.colour)[0];
  return ys.flatMap((y) =>
    groups(rows, by, y, most).map((g) => ({
      field: fieldOf(r, y)!,
      rows: g.rows,
      key: g.key,
      name: [ys.length > 1 || !by ? titleOf(fieldOf(r, y), c.lang) : '', by ? show(g.key, fieldOf(r, by), c.lang) : '']
        .filter(Boolean)
        .join(' '),
    })),
  );
}
const unitTip = (f: Field): object => ({
  tooltip: { valueFormatter: (v: unknown) => quantityText(v as Cell, f.unit) },
});
/** The points of a curve over time; missing is a gap, not a line across it. */
function points(rows: readonly Row[], x: string, y: string): [number, number | null][] {
  const pts = rows.map((row) => [Number(row[x]), num(row[y])] as [number, number | null]).sort((a, b) => a[0] - b[0]);
  return broken(pts, gaps(pts, usualStep(pts.map((p) => p[0])))).map((p) => [p[0], p[1]]);
}
const spanOf = (rows: readonly Row[], x: string): [number, number] | null => {
  const t = rows.map((q) => num(q[x])).filter((v): v is number => v !== null);
  return t.length ? [t.reduce((a, b) => Math.min(a, b)), t.reduce((a, b) => Math.max(a, b))] : null;
};
/** Each curve has its own mark; those that share a colour differ in the line too. */
function curveStyle(c: Context, i: number, n: number): object {
  return {
    showSymbol: n <= 60,
    symbol: SYMBOLS[i % SYMBOLS.length],
    symbolSize: 5,
    lineStyle: { width: c.tpl.stroke, ...(i >= c.tpl.series.length ? { type: 'dashed' } : {}) },
    connectNulls: false,
    sampling: 'lttb',
  };
}

function lines(spec: ChartSpec, r: Result, c: Context): object {
  const rows = asObjects(r);
  const x = fieldOf(r, spec.bind.x)!;
  const time = x.type === 'time';
  const ys = listOf(spec.bind.y).map((y) => fieldOf(r, y)!);
  const by = listOf(spec.bind.colour)[0];
  const bar = spec.chart === 'bar';
  const keys = !time ? distinct(rows, x.name) : bar ? distinct(rows, x.name).sort((a, b) => Number(a) - Number(b)) : [];
  const onTime = time && !bar;
  const colours = classColours(fieldOf(r, by ?? x.name), distinct(rows, by ?? x.name));
  const flat = bar && (!!spec.options?.horizontal || (!time && keys.length > BARS_MOST));
  const { units, at } = unitsOf(ys);
  const all = drawnOf(spec, r, c, SERIES_MOST);
  const series = all.map((d, i) => {
    const y = d.field.name;
    let data: unknown[];
    if (onTime) data = points(d.rows, x.name, y);
    else {
      const of = new Map(d.rows.map((row) => [row[x.name] ?? null, num(row[y])]));
      data = keys.map((key) => of.get(key) ?? null);
    }
    const style = by ? ownStyle(c, colours, d.key) : {};
    if (bar && !by && ys.length === 1)
      data = data.map((value, k) =>
        colours.has(keys[k]!) ? { value, itemStyle: ownStyle(c, colours, keys[k]).itemStyle! } : value,
      );
    const curve = bar ? {} : curveStyle(c, i, data.length);
    return {
      type: bar ? 'bar' : 'line',
      name: d.name,
      data,
      ...unitTip(d.field),
      ...(at(d.field) ? (flat ? { xAxisIndex: 1 } : { yAxisIndex: 1 }) : {}),
      ...(spec.options?.stack ? { stack: 'all' } : {}),
      ...(bar
        ? { barMaxWidth: 36, itemStyle: { borderRadius: c.tpl.round, ...style.itemStyle } }
        : {
            ...curve,
            ...(style.itemStyle ? { itemStyle: style.itemStyle } : {}),
            ...(style.lineStyle
              ? { lineStyle: { ...(curve as { lineStyle: object }).lineStyle, ...style.lineStyle } }
              : {}),
          }),
      ...(i === 0 ? limitLine(spec, c, flat, onTime ? spanOf(rows, x.name) : null) : {}),
    };
  });
  const names = keys.map((k) => show(k, x, c.lang));
  const ca = onTime
    ? timeAxis(
        c,
        rows.map((q) => num(q[x.name]) ?? 0),
      )
    : { ...catAxis(c, names, flat), ...(flat ? { inverse: true } : {}) };
  const va = units.map((u, k) => {
    const mine = ys.filter((f) => at(f) === k);
    const whole = rows.every((q) => mine.every((f) => Number.isInteger(num(q[f.name]) ?? 0)));
    const name = [units.length > 1 ? mine.map((f) => titleOf(f, c.lang)).join(' ') : '', unitName(u)]
      .filter(Boolean)
      .join(' ');
    const o = { ...spec.options, whole };
    /* A bar is as long as its number is large: it begins at 0. */
    if (bar && (o.min ?? 0) > 0) delete o.min;
    return {
      ...valueAxis(c, name || titleOf(mine[0], c.lang), k ? { whole } : o),
      ...(k
        ? {
            position: flat ? 'top' : 'right',
            nameTextStyle: { ...axisText(c), align: 'right' },
            splitLine: { show: false },
          }
        : {}),
    };
  });
  const key = wholeLegend(
    c,
    series.map((s) => s.name),
  );
  const [w, h] = c.box ?? ROOM;
  const ends =
    onTime && units.length === 1 && series.length > 1 && series.length <= 4 && w >= 560 ? endRoom(all, c) : 0;
  const top = (series.length > 1 && !ends ? 56 : 40) * (c.tpl.size / 12) + (ends ? 0 : key.more);
  const seen = Math.max(5, Math.floor((h - top - 20) / (1.8 * c.tpl.size)));
  return {
    ...base(c),
    tooltip: tip(c, 'axis'),
    legend: ends ? { show: false } : key.legend,
    grid: { ...grid, top, right: ends ? ends : flat && keys.length > seen ? 30 : 20 },
    xAxis: flat ? va : ca,
    yAxis: flat ? ca : va,
    series: ends ? series.map((s, i) => ({ ...s, ...endLabel(all[i]!, c) })) : series,
    ...(flat && keys.length > seen
      ? { dataZoom: scrolled(c, seen) }
      : keys.length > BARS_MOST || onTime
        ? { dataZoom: [{ type: 'inside', xAxisIndex: 0, filterMode: onTime ? 'none' : 'filter' }] }
        : {}),
  };
}
/* Few curves are named at their ends, with the last value. */
const lastText = (d: Drawn): string => {
  const v = [...d.rows].reverse().find((q) => num(q[d.field.name]) !== null)?.[d.field.name];
  return `${d.name} ${quantityText(v, d.field.unit).replace(/ .*/, '')}`;
};
const endRoom = (all: readonly Drawn[], c: Context): number =>
  Math.round(Math.max(...all.map((d) => widthOf(lastText(d), c.tpl.size)))) + 18;
const endLabel = (d: Drawn, c: Context): object => ({
  endLabel: {
    show: true,
    color: 'inherit',
    fontWeight: 700,
    fontSize: c.tpl.size,
    fontFamily: fontOf(c.tpl),
    formatter: () => lastText(d),
  },
  labelLayout: { moveOverlap: 'shiftY' },
});
/* More bars than have room are scrolled, never squeezed. */
const scrolled = (c: Context, seen: number): object[] => [
  {
    type: 'slider',
    yAxisIndex: 0,
    startValue: 0,
    endValue: seen - 1,
    width: 8,
    right: 6,
    zoomLock: true,
    brushSelect: false,
    showDetail: false,
    showDataShadow: false,
    handleSize: 0,
    fillerColor: c.tpl.line,
    borderColor: 'transparent',
    backgroundColor: 'transparent',
    moveHandleSize: 0,
  },
  {
    type: 'inside',
    yAxisIndex: 0,
    zoomOnMouseWheel: false,
    moveOnMouseWheel: true,
    moveOnMouseMove: true,
    zoomLock: true,
  },
];

/** A small plot for each curve where more than eight would hide one another; all on one scale. */
function multiples(spec: ChartSpec, r: Result, c: Context): object | null {
  const by = listOf(spec.bind.colour)[0];
  const x = fieldOf(r, spec.bind.x)!;
  if (spec.chart !== 'line' || !by || listOf(spec.bind.y).length > 1 || x.type !== 'time') return null;
  const rows = asObjects(r);
  const [w, h] = c.box ?? ROOM;
  const at = cells(distinct(rows, by).length, [w, h], c.tpl.size);
  if (!at) return null;
  const all = drawnOf(spec, r, c, SMALL_MOST);
  const f = all[0]!.field;
  const values = all.flatMap((d) => d.rows.map((q) => num(q[f.name]) ?? 0));
  const most = values.reduce((a, b) => Math.max(a, b), spec.options?.limit?.value ?? 0);
  const span = spanOf(rows, x.name)!;
  const [cw, ch] = [(w - 8) / at.cols, (h - 8) / at.rows];
  const side = Math.round(widthOf(axisNumber(most, c.lang), c.tpl.size)) + 22;
  const colours = classColours(fieldOf(r, by), distinct(rows, by));
  return {
    ...base(c),
    tooltip: tip(c, 'axis'),
    grid: all.map((_, i) => ({
      left: Math.round((i % at.cols) * cw + side),
      top: Math.round(Math.floor(i / at.cols) * ch + 2.6 * c.tpl.size),
      width: Math.round(cw - side - 12),
      height: Math.round(ch - 5 * c.tpl.size),
    })),
    xAxis: all.map((_, i) => ({
      ...timeAxis(
        c,
        rows.map((q) => num(q[x.name]) ?? 0),
      ),
      gridIndex: i,
      min: span[0],
      max: span[1],
      splitNumber: 2,
    })),
    yAxis: all.map((d, i) => ({
      ...valueAxis(c, `${d.name}${i === 0 && f.unit ? ` (${unitName(f.unit)})` : ''}`, spec.options),
      gridIndex: i,
      max: spec.options?.max ?? niceEnd(most),
      splitNumber: 2,
      nameGap: 8,
      nameTextStyle: { ...axisText(c), color: c.tpl.ink, fontWeight: 700, align: 'left', padding: [0, 0, 0, 4 - side] },
    })),
    series: all.map((d, i) => ({
      type: 'line',
      name: d.name,
      xAxisIndex: i,
      yAxisIndex: i,
      data: points(d.rows, x.name, f.name),
      ...unitTip(d.field),
      ...curveStyle(c, 0, 61),
      itemStyle: { color: c.tpl.series[0] },
      ...ownStyle(c, colours, d.key),
      ...(limitLine({ ...spec, options: bareLimit(spec, i) }, c, false, span) as object),
    })),
  };
}
/* The words of the limit stand once. */
const bareLimit = (spec: ChartSpec, i: number): ChartSpec['options'] => {
  const l = spec.options?.limit;
  return l && i > 0
    ? {
        ...spec.options,
        limit: { value: l.value, ...(l.before ? { before: { value: l.before.value, until: l.before.until } } : {}) },
      }
    : spec.options;
};
/** The widest line of a text in pixels: an ideograph is as wide as it is high, other letters about 0.56 of it. */
export const widthOf = (text: string, size: number): number =>
  size *
  Math.max(
    ...text.split('\n').map((line) => [...line].reduce((n, ch) => n + (ch.charCodeAt(0) > 0x2e00 ? 1 : 0.56), 0)),
  );

interface Part {
  name: string;
  value: number;
  itemStyle?: object;
  list?: Part[];
}
/** The parts, the greatest first; those beyond twelve together. */
function partsOf(spec: ChartSpec, r: Result, c: Context): Part[] {
  const rows = asObjects(r);
  const [n, v] = [fieldOf(r, spec.bind.name)!, fieldOf(r, spec.bind.value)!];
  const colours = classColours(n, distinct(rows, n.name));
  const all = rows
    .filter((x) => num(x[v.name]) !== null)
    .map((x) => {
      const { itemStyle } = ownStyle(c, colours, x[n.name]);
      return { name: show(x[n.name], n, c.lang), value: num(x[v.name])!, ...(itemStyle ? { itemStyle } : {}) };
    });
  /* Stages of a funnel stand as they follow each other. */
  if (spec.chart === 'funnel') return all;
  all.sort((a, b) => b.value - a.value);
  if (spec.chart === 'treemap' || all.length <= PIE_MOST) return all;
  const rest = all.slice(PIE_MOST - 1);
  return [
    ...all.slice(0, PIE_MOST - 1),
    {
      name: c.lang === 'en' ? `other ${rest.length}` : `其他 ${rest.length} 项`,
      value: rest.reduce((s, d) => s + d.value, 0),
      list: rest,
    },
  ];
}
/** Labels beside a pie, in two lines; the pie is as large as they leave room for, and a name too long is broken, never cut. */
function pie(spec: ChartSpec, data: Part[], v: Field, c: Context): object {
  const more = (p: { name: string; value: number }): string =>
    `${esc(p.name)} · ${quantityText(p.value, v.unit)} · ${sum > 0 ? round8170((100 * p.value) / sum, 1) : NONE}%`;
  const ring = spec.chart === 'ring';
  const sum = data.reduce((s, d) => s + d.value, 0);
  const text = (d: { name: string; value: number }): string =>
    `${d.name}\n${numberText(d.value)} · ${sum > 0 ? round8170((100 * d.value) / sum, 1) : NONE}%`;
  const label = {
    color: c.tpl.ink,
    fontSize: c.tpl.size,
    lineHeight: Math.round(c.tpl.size * 1.35),
    fontFamily: fontOf(c.tpl),
    formatter: text,
    overflow: 'break',
  };
  const [w, h] = c.box ?? ROOM;
  const side = Math.max(...data.map((d) => widthOf(text(d), c.tpl.size)), 0) + 2.4 * c.tpl.size;
  const outer = Math.max(Math.min(0.36 * Math.min(w, h), w / 2 - side), 0.2 * Math.min(w, h));
  /* Names of many thin slices stand in a column beside the pie, never on it. */
  const beside = data.length > 6 && w / 2 >= outer + side;
  return {
    ...base(c),
    tooltip: {
      ...tip(c, 'item'),
      formatter: (p: { name: string; value: number; data: Part }) =>
        [
          more(p),
          ...(p.data.list ?? []).slice(0, 20).map(more),
          ...((p.data.list?.length ?? 0) > 20 ? ['…'] : []),
        ].join('<br>'),
    },
    series: [
      {
        type: 'pie',
        radius: [ring ? Math.round(outer * 0.64) : 0, Math.round(outer)],
        center: ['50%', '50%'],
        data,
        label: beside
          ? { ...label, alignTo: 'edge', edgeDistance: Math.max(4, Math.round(w / 2 - outer - side)) }
          : { ...label, alignTo: 'labelLine' },
        itemStyle: { borderColor: c.tpl.surface, borderWidth: 2 },
        labelLine: { length: 0.8 * c.tpl.size, length2: 0.6 * c.tpl.size, lineStyle: { color: c.tpl.ink2 } },
        minShowLabelAngle: 0,
      },
    ],
    ...(ring
      ? {
          graphic: [
            {
              type: 'text',
              left: 'center',
              top: 'middle',
              style: {
                text: `${numberText(sum)}${v.unit ? ` ${unitName(v.unit)}` : ''}`,
                fill: c.tpl.ink,
                fontSize: Math.min(c.tpl.size + 10, Math.round(outer * 0.4)),
                fontWeight: 700,
                fontFamily: fontOf(c.tpl),
              },
            },
          ],
        }
      : {}),
  };
}
function parts(spec: ChartSpec, r: Result, c: Context): object {
  const rows = asObjects(r);
  const [n, v] = [fieldOf(r, spec.bind.name)!, fieldOf(r, spec.bind.value)!];
  const data = partsOf(spec, r, c);
  if (spec.chart === 'pie' || spec.chart === 'ring') return pie(spec, data, v, c);
  const label = {
    color: c.tpl.ink,
    fontSize: c.tpl.size,
    fontFamily: fontOf(c.tpl),
    formatter: (p: { name: string; value: number }) => `${p.name} ${quantityText(p.value, v.unit)}`,
  };
  const told = {
    ...tip(c, 'item'),
    formatter: (p: { name: string; value: number }) => `${esc(p.name)} · ${quantityText(p.value, v.unit)}`,
  };
  const edge = { borderColor: c.tpl.surface, borderWidth: 2 };
  if (spec.chart === 'funnel') {
    const wide = Math.max(...data.map((d) => widthOf(label.formatter(d), c.tpl.size)), 0) + 2 * c.tpl.size;
    return {
      ...base(c),
      tooltip: told,
      series: [
        {
          type: 'funnel',
          data,
          sort: 'none',
          label: { ...label, position: 'right' },
          labelLine: { lineStyle: { color: c.tpl.ink2 } },
          itemStyle: edge,
          left: 12,
          right: Math.min(Math.round(wide), Math.round((c.box ?? ROOM)[0] * 0.45)),
          top: 16,
          bottom: 12,
          minSize: '12%',
        },
      ],
    };
  }
  const up = fieldOf(r, spec.bind.parent);
  const colours = classColours(n, distinct(rows, n.name));
  const tree = up
    ? distinct(rows, up.name).map((p) => ({
        name: show(p, up, c.lang),
        children: rows
          .filter((x) => (x[up.name] ?? null) === p)
          .map((x) => ({
            name: show(x[n.name], n, c.lang),
            value: num(x[v.name]) ?? 0,
            ...(colours.has(x[n.name] ?? null) ? { itemStyle: { color: colours.get(x[n.name] ?? null) } } : {}),
          })),
      }))
    : data;
  return {
    ...base(c),
    tooltip: told,
    series: [
      {
        type: 'treemap',
        data: tree,
        roam: false,
        nodeClick: false,
        breadcrumb: { show: false },
        label: {
          ...label,
          overflow: 'break',
          formatter: (p: { name: string; value: number }) => `${p.name}\n${quantityText(p.value, v.unit)}`,
          color: '#ffffff',
          textBorderColor: 'rgba(0,0,0,0.55)',
          textBorderWidth: 2,
        },
        upperLabel: up ? { show: true, height: 20, color: c.tpl.ink } : undefined,
        itemStyle: { ...edge, gapWidth: 2 },
        left: 8,
        right: 8,
        top: 8,
        bottom: 8,
      },
    ],
  };
}

/** The line through all points, drawn from end to end, and what it is worth. */
function fitted(pairs: readonly [number, number][], c: Context): { series: object[]; words: string } {
  const f = fit(pairs);
  if (!f) return { series: [], words: '' };
  const xs = pairs.map((p) => p[0]);
  const [x0, x1] = [xs.reduce((a, b) => Math.min(a, b)), xs.reduce((a, b) => Math.max(a, b))];
  return {
    series: [
      {
        type: 'line',
        data: [x0, x1].map((x) => [x, f.at0 + f.slope * x]),
        showSymbol: false,
        silent: true,
        tooltip: { show: false },
        lineStyle: { color: c.tpl.ink, width: c.tpl.stroke, type: 'dashed' },
      },
    ],
    words: say(c, 'fitted', {
      n: numberText(f.n),
      s: numberText(f.slope),
      a: numberText(f.low),
      b: numberText(f.high),
      r: round8170(f.r, 3).replace('-', '−'),
    }),
  };
}
/** Too many points for marks: how many lie in each cell. */
function dense(pairs: readonly [number, number][], c: Context): { series: object[]; most: number } {
  const [w, h] = c.box ?? ROOM;
  const [nx, ny] = [Math.max(8, Math.min(60, Math.floor(w / 14))), Math.max(6, Math.min(40, Math.floor(h / 14)))];
  const range = (k: 0 | 1): [number, number] =>
    pairs.reduce((m, p) => [Math.min(m[0], p[k]), Math.max(m[1], p[k])], [Infinity, -Infinity]);
  const [[x0, x1], [y0, y1]] = [range(0), range(1)];
  const [dx, dy] = [(x1 - x0) / nx || 1, (y1 - y0) / ny || 1];
  const n = new Map<number, number>();
  for (const [x, y] of pairs) {
    const k = Math.min(nx - 1, Math.floor((x - x0) / dx)) + nx * Math.min(ny - 1, Math.floor((y - y0) / dy));
    n.set(k, (n.get(k) ?? 0) + 1);
  }
  const data = [...n].map(([k, m]) => [x0 + ((k % nx) + 0.5) * dx, y0 + (Math.floor(k / nx) + 0.5) * dy, m]);
  return {
    most: data.reduce((m, d) => Math.max(m, d[2]!), 1),
    series: [
      { type: 'scatter', symbol: 'rect', symbolSize: [Math.ceil((w - 80) / nx), Math.ceil((h - 110) / ny)], data },
    ],
  };
}

function scatter(spec: ChartSpec, r: Result, c: Context): object {
  const rows = asObjects(r);
  const [x, y] = [fieldOf(r, spec.bind.x)!, fieldOf(r, spec.bind.y)!];
  const [size, by, name] = [fieldOf(r, spec.bind.size), listOf(spec.bind.colour)[0], fieldOf(r, spec.bind.name)];
  const most = size ? Math.max(...rows.map((q) => num(q[size.name]) ?? 0), 1e-9) : 1;
  const colours = classColours(fieldOf(r, by), by ? distinct(rows, by) : []);
  const pairOf = (q: Row): [number, number] | null => {
    const [px, py] = [num(q[x.name]), num(q[y.name])];
    return px === null || py === null ? null : [px, py];
  };
  const pairs = rows.map(pairOf).filter((p): p is [number, number] => p !== null);
  const many = pairs.length > POINTS_MOST;
  const density = many ? dense(pairs, c) : null;
  const marks = (list: readonly Row[]): object[] =>
    list
      .filter((q) => pairOf(q))
      .map((q) => ({
        value: [...pairOf(q)!, size ? num(q[size.name]) : null],
        name: name ? show(q[name.name], name, c.lang) : '',
      }));
  const plain = {
    type: 'scatter',
    symbolSize: size ? (v: (number | null)[]) => 5 + 22 * Math.sqrt(Math.max(0, v[2] ?? 0) / most) : 7,
  };
  const kept = groups(rows, by, y.name);
  const inside = new Set(kept.map((g) => g.key));
  const others = by ? rows.filter((q) => !inside.has(q[by] ?? null)) : [];
  const series = [
    /* Beyond eight groups points are not left out: they are grey. */
    ...(others.length
      ? [
          {
            ...plain,
            name: say(c, 'other', { n: distinct(others, by!).length }),
            data: marks(others),
            itemStyle: { color: c.tpl.ink2, opacity: 0.35 },
          },
        ]
      : []),
    ...kept.map((g, i) => ({
      ...plain,
      name: by ? show(g.key, fieldOf(r, by), c.lang) : titleOf(y, c.lang),
      symbol: SYMBOLS[i % SYMBOLS.length],
      data: marks(g.rows),
      itemStyle: {
        color: c.tpl.series[i % c.tpl.series.length],
        opacity: 0.75,
        ...ownStyle(c, colours, g.key).itemStyle,
      },
    })),
  ];
  const line = spec.options?.fit ? fitted(pairs, c) : { series: [], words: '' };
  const key = wholeLegend(c, by && !many ? series.map((s) => s.name) : []);
  const words = [line.words, many ? say(c, 'density', { n: numberText(pairs.length) }) : '']
    .filter(Boolean)
    .join(' · ');
  return {
    ...base(c),
    tooltip: {
      ...tip(c, 'item'),
      formatter: (p: { name: string; seriesName: string; value: (number | null)[] }) =>
        [
          many ? '' : p.name || (by ? p.seriesName : ''),
          `${titleOf(x, c.lang)} ${quantityText(p.value[0], x.unit)}`,
          `${titleOf(y, c.lang)} ${quantityText(p.value[1], y.unit)}`,
          many
            ? `n ${numberText(p.value[2])}`
            : size
              ? `${titleOf(size, c.lang)} ${quantityText(p.value[2], size.unit)}`
              : '',
        ]
          .filter(Boolean)
          .map(esc)
          .join('<br>'),
    },
    legend: key.legend,
    grid: { ...grid, top: (by && !many ? 56 : 40) + key.more, bottom: 28 + (words ? 1.6 * c.tpl.size : 0) },
    xAxis: {
      ...valueAxis(c, headOf(x, c.lang)),
      nameLocation: 'middle',
      nameGap: 28,
      scale: true,
      splitLine: { show: false },
    },
    yAxis: { ...valueAxis(c, headOf(y, c.lang)), scale: true },
    ...(density
      ? {
          visualMap: {
            show: false,
            min: 0,
            max: density.most,
            dimension: 2,
            seriesIndex: 0,
            inRange: { color: c.tpl.ramp },
          },
        }
      : {}),
    series: [...(density ? density.series : series), ...line.series],
    ...(words
      ? {
          graphic: [footnote(c, words)],
        }
      : {}),
  };
}

/** Several measures: an axis each and a line for each row. One or two: an axis for each row and a line for each measure. */
function radar(spec: ChartSpec, r: Result, c: Context): object {
  const ys = listOf(spec.bind.value).map((n) => fieldOf(r, n)!);
  const n = fieldOf(r, spec.bind.name)!;
  const wide = radarWide(spec);
  const rows = wide ? asObjects(r).slice(0, SERIES_MOST) : asObjects(r);
  const axis = (name: string, unit: string, max: number): object => ({
    name: `${name}\n0–${quantityText(max, unit)}`,
    max,
  });
  const indicator = wide
    ? ys.map((f) => axis(titleOf(f, c.lang), f.unit, radarEnd(spec, f.name)!))
    : rows.map((q) =>
        axis(show(q[n.name], n, c.lang), ys[0]!.unit, Math.max(...ys.map((f) => radarEnd(spec, f.name, q)!))),
      );
  const data = wide
    ? rows.map((q) => ({ name: show(q[n.name], n, c.lang), value: ys.map((f) => num(q[f.name])) }))
    : ys.map((f) => ({ name: titleOf(f, c.lang), value: rows.map((q) => num(q[f.name])) }));
  const key = wholeLegend(
    c,
    data.map((d) => d.name),
  );
  const [w, h] = c.box ?? ROOM;
  const top = (data.length > 1 ? 36 : 8) + key.more;
  return {
    ...base(c),
    tooltip: {
      ...tip(c, 'item'),
      formatter: (p: { name: string; value: (number | null)[] }) =>
        [
          esc(p.name),
          ...p.value.map((v, i) =>
            esc(
              wide
                ? `${titleOf(ys[i], c.lang)} ${quantityText(v, ys[i]!.unit)}`
                : `${show(rows[i]![n.name], n, c.lang)} ${quantityText(v, ys[0]!.unit)}`,
            ),
          ),
        ].join('<br>'),
    },
    legend: key.legend,
    radar: {
      indicator,
      center: ['50%', Math.round(top + (h - top) / 2)],
      radius: Math.max(40, Math.round(Math.min((h - top) / 2 - 4.6 * c.tpl.size, w / 2 - 8 * c.tpl.size))),
      axisName: { ...axisText(c), lineHeight: Math.round(1.35 * c.tpl.size) },
      splitLine: { lineStyle: { color: c.tpl.line } },
      splitArea: { show: false },
      axisLine: { lineStyle: { color: c.tpl.line } },
    },
    series: [
      {
        type: 'radar',
        data: data.map((d, i) => ({
          ...d,
          symbol: SYMBOLS[i % SYMBOLS.length],
          lineStyle: { width: c.tpl.stroke, ...(i >= c.tpl.series.length ? { type: 'dashed' } : {}) },
        })),
        symbolSize: 5,
      },
    ],
  };
}

const ends = (values: (number | null)[]): [number, number] => {
  const known = values.filter((v): v is number => v !== null);
  return [Math.min(...known, 0), Math.max(...known, 1e-9)];
};
const ramp = (c: Context, values: (number | null)[], unit: string): object => {
  const [lo, hi] = ends(values);
  return {
    min: lo,
    max: hi,
    calculable: false,
    orient: 'horizontal',
    left: 'center',
    bottom: 4,
    itemWidth: 12,
    itemHeight: 120,
    text: [`${numberText(hi)}${unit ? ` ${unitName(unit)}` : ''}`, numberText(lo)],
    textStyle: axisText(c),
    inRange: { color: c.tpl.ramp },
  };
};

function heat(spec: ChartSpec, r: Result, c: Context): object {
  const [x, y, v] = [fieldOf(r, spec.bind.x)!, fieldOf(r, spec.bind.y)!, fieldOf(r, spec.bind.value)!];
  const rows = asObjects(r);
  const order = (f: Field): Cell[] => {
    const d = distinct(rows, f.name);
    return d.every((k) => typeof k === 'number') ? d.sort((a, b) => Number(a) - Number(b)) : d;
  };
  const [xs, ys] = [order(x), order(y)];
  const sums = new Map<string, [number, number]>();
  for (const q of rows) {
    const w = num(q[v.name]);
    if (w === null) continue;
    const k = `${xs.indexOf(q[x.name] ?? null)}/${ys.indexOf(q[y.name] ?? null)}`;
    const s = sums.get(k) ?? [0, 0];
    sums.set(k, [s[0] + w, s[1] + 1]); /* several in one cell: their mean */
  }
  const data = [...sums].map(([k, [s, m]]) => [...k.split('/').map(Number), s / m]);
  const [lo, hi] = ends(data.map((d) => d[2]!));
  /* All with as many digits as the finest needs, micrograms whole. */
  const digits =
    unitName(v.unit) === 'μg/m³' && hi >= 10
      ? 0
      : Math.min(hi >= 100 ? 1 : 2, Math.max(0, ...data.map((d) => decimals(d[2]!))));
  const inCell = (q: number): string => round8170(q, digits).replace('-', '−');
  /* Numbers stand only in cells that hold the widest of them. */
  const size = c.tpl.size;
  const [w, h] = c.box ?? ROOM;
  const side = Math.max(...ys.map((k) => widthOf(show(k, y, c.lang), size)), 0) + 2.4 * size;
  const roomy =
    (w - side) / xs.length >= Math.max(...data.map((d) => widthOf(inCell(d[2]!), size)), 0) + 0.8 * size &&
    (h - 64) / ys.length >= 1.5 * size;
  return {
    ...base(c),
    tooltip: {
      ...tip(c, 'item'),
      formatter: (p: { value: number[] }) =>
        `${esc(show(ys[p.value[1]!], y, c.lang))} · ${esc(`${titleOf(x, c.lang)} ${show(xs[p.value[0]!], x, c.lang)}`)} · ${quantityText(p.value[2], v.unit)}`,
    },
    grid: { ...grid, top: 16, bottom: 48 },
    xAxis: {
      ...catAxis(
        c,
        xs.map((k) => show(k, x, c.lang)),
      ),
      splitArea: { show: false },
    },
    yAxis: catAxis(
      c,
      ys.map((k) => show(k, y, c.lang)),
      true,
    ),
    visualMap: ramp(
      c,
      data.map((d) => d[2]!),
      v.unit,
    ),
    series: [
      {
        type: 'heatmap',
        data: data.map((value) => ({
          value,
          label: { color: legible(mixed(c.tpl.ramp, (value[2]! - lo) / (hi - lo)), c.tpl.ink, c.tpl.surface) },
        })),
        itemStyle: { borderColor: c.tpl.surface, borderWidth: 1 },
        label: {
          show: roomy,
          fontSize: c.tpl.size - 1,
          formatter: (p: { value: number[] }) => inCell(p.value[2]!),
        },
      },
    ],
  };
}

function gauge(spec: ChartSpec, r: Result, c: Context): object {
  const v = fieldOf(r, spec.bind.value)!;
  const n = fieldOf(r, spec.bind.name);
  const row = asObjects(r)[0]!;
  const is = num(row[v.name]);
  const min = spec.options?.min ?? 0;
  const max = Math.max(spec.options!.max!, min + 1e-9);
  const limit = spec.options?.limit;
  const l = limit?.value;
  const note = limit
    ? `${WORDS[c.lang].limit} ${quantityText(limit.value, v.unit)}${limit.clause ? ` ${limit.clause}` : ''}`
    : '';
  const [w, h] = c.box ?? ROOM;
  const radius = Math.round(Math.min(0.44 * h, 0.44 * w));
  const part = l === undefined ? 1 : Math.min(1, Math.max(0, (l - min) / (max - min)));
  return {
    ...base(c),
    series: [
      {
        type: 'gauge',
        min,
        max,
        radius,
        center: ['50%', '56%'],
        startAngle: 205,
        endAngle: -25,
        data: [
          { value: is, name: [n ? show(row[n.name], n, c.lang) : titleOf(v, c.lang), note].filter(Boolean).join('\n') },
        ],
        axisLine: {
          lineStyle: {
            width: 12,
            color: [
              [part, c.tpl.series[0]],
              [1, c.tpl.danger],
            ],
          },
        },
        pointer: { itemStyle: { color: c.tpl.ink }, width: 4 },
        anchor: { show: true, size: 10, itemStyle: { color: c.tpl.ink } },
        axisTick: { distance: -12, lineStyle: { color: c.tpl.surface } },
        splitLine: { distance: -12, length: 12, lineStyle: { color: c.tpl.surface } },
        axisLabel: { ...axisText(c), distance: 18, formatter: (q: number) => numberText(q) },
        title: { ...axisText(c), offsetCenter: [0, '74%'], lineHeight: Math.round(1.5 * c.tpl.size) },
        detail: {
          color: c.tpl.ink,
          fontSize: c.tpl.size + 12,
          fontFamily: fontOf(c.tpl),
          offsetCenter: [0, '44%'],
          formatter: (q: number) => quantityText(is === null ? null : q, v.unit),
        },
      },
    ],
  };
}

export const MAP_NAME = 'districts';
/* A degree of longitude is that much shorter than one of latitude (cos 32°). */
const ASPECT = 0.85;
/** One number a district: amounts are added, means are averaged, counts go by area where that is asked. */
function byDistrict(
  spec: ChartSpec,
  rows: readonly Row[],
  d: Field,
  v: Field | undefined,
  areas: Context['areas'],
): { name: string; value: number }[] {
  const sums = new Map<string, [number, number]>();
  for (const q of rows) {
    const w = v ? num(q[v.name]) : 1;
    if (!q[d.name] || w === null) continue;
    const s = sums.get(String(q[d.name])) ?? [0, 0];
    sums.set(String(q[d.name]), [s[0] + w, s[1] + 1]);
  }
  return [...sums].flatMap(([name, [sum, n]]) => {
    const value = v?.adds === 'never' ? sum / n : sum;
    const area = spec.options?.per ? areas?.get(name) : 1;
    return area ? [{ name, value: value / area }] : [];
  });
}
function map(spec: ChartSpec, r: Result, c: Context): object {
  const rows = asObjects(r);
  const v = fieldOf(r, spec.bind.value);
  const area = {
    itemStyle: { areaColor: 'transparent', borderColor: c.tpl.ink2, borderWidth: 0.8 },
    label: {
      show: true,
      ...axisText(c),
      color: c.tpl.ink,
      fontSize: c.tpl.size - 1,
      textBorderColor: c.tpl.surface,
      textBorderWidth: 2,
    },
    labelLayout: { hideOverlap: true },
    emphasis: { itemStyle: { areaColor: c.tpl.ramp[0] }, label: { color: c.tpl.ink } },
  };
  const d = fieldOf(r, spec.bind.district);
  if (d && !(spec.bind.lon && spec.bind.lat)) {
    const data = byDistrict(spec, rows, d, v, c.areas);
    const unit = `${v?.unit ?? ''}${spec.options?.per ? '/km²' : ''}`;
    return {
      ...base(c),
      tooltip: {
        ...tip(c, 'item'),
        formatter: (p: { name: string; value: number }) =>
          `${esc(show(p.name, d, c.lang))} · ${quantityText(p.value, unit)}`,
      },
      visualMap: ramp(
        c,
        data.map((q) => q.value),
        unit,
      ),
      series: [
        {
          type: 'map',
          map: MAP_NAME,
          nameProperty: 'code',
          aspectScale: ASPECT,
          roam: true,
          data,
          ...area,
          label: { ...area.label, formatter: (p: { name: string }) => show(p.name, d, c.lang) },
          select: { disabled: true },
        },
      ],
    };
  }
  const [lon, lat, n, by] = [
    fieldOf(r, spec.bind.lon)!,
    fieldOf(r, spec.bind.lat)!,
    fieldOf(r, spec.bind.name),
    listOf(spec.bind.colour)[0],
  ];
  const most = v ? Math.max(...rows.map((q) => num(q[v.name]) ?? 0), 1e-9) : 1;
  const colours = classColours(fieldOf(r, by), by ? distinct(rows, by) : []);
  const series = groups(
    rows.filter((q) => num(q[lon.name]) !== null && num(q[lat.name]) !== null),
    by,
    v?.name ?? lat.name,
  ).map((g) => ({
    type: 'scatter',
    coordinateSystem: 'geo',
    name: by ? show(g.key, fieldOf(r, by), c.lang) : titleOf(v, c.lang),
    data: g.rows.map((q) => ({
      name: n ? show(q[n.name], n, c.lang) : '',
      value: [num(q[lon.name]), num(q[lat.name]), v ? num(q[v.name]) : null],
    })),
    symbolSize: v ? (q: (number | null)[]) => 6 + 20 * Math.sqrt(Math.max(0, q[2] ?? 0) / most) : 9,
    itemStyle: { borderColor: c.tpl.surface, borderWidth: 1, opacity: 0.85, ...ownStyle(c, colours, g.key).itemStyle },
  }));
  const note = v ? say(c, 'biggest', { what: titleOf(v, c.lang), v: quantityText(most, v.unit) }) : '';
  return {
    ...base(c),
    tooltip: {
      ...tip(c, 'item'),
      formatter: (p: { name: string; seriesName: string; value: (number | null)[] }) =>
        [p.name || (by ? p.seriesName : ''), v ? `${titleOf(v, c.lang)} ${quantityText(p.value[2], v.unit)}` : '']
          .filter(Boolean)
          .map(esc)
          .join('<br>'),
    },
    ...(note ? { graphic: [footnote(c, note)] } : {}),
    legend: legend(c, by ? series.map((s) => s.name) : []),
    geo: {
      map: MAP_NAME,
      nameProperty: 'code',
      aspectScale: ASPECT,
      roam: true,
      ...area,
      label: { show: false },
      silent: true,
    },
    series,
  };
}

interface Node {
  name: string;
  text: string;
  into: number;
  out: number;
  itemStyle?: object;
}
const amountOf = (n: Node): number => Math.max(n.into, n.out);
/** Nodes and links of two columns. What stands in both is one node of a chain, unless the columns use the same words for different things. */
function net(
  spec: ChartSpec,
  r: Result,
  c: Context,
): { nodes: Map<string, Node>; links: { source: string; target: string; value: number }[] } {
  const [from, to, v] = [fieldOf(r, spec.bind.from)!, fieldOf(r, spec.bind.to)!, fieldOf(r, spec.bind.value)];
  const rows = asObjects(r).filter((q) => q[from.name] !== null && q[to.name] !== null);
  const apart = spec.chart === 'sankey' && !!(from.labels || to.labels) && from.labels !== to.labels;
  const colours = [from, to].map((f) => classColours(f, distinct(rows, f.name)));
  const nodes = new Map<string, Node>();
  const node = (side: 0 | 1, q: Row): Node => {
    const f = side ? to : from;
    const name = apart ? `${side}:${String(q[f.name])}` : String(q[f.name]);
    const { itemStyle } = ownStyle(c, colours[side]!, q[f.name]);
    const is = nodes.get(name) ?? {
      name,
      text: show(q[f.name], f, c.lang),
      into: 0,
      out: 0,
      ...(itemStyle ? { itemStyle } : {}),
    };
    nodes.set(name, is);
    return is;
  };
  const links = rows.map((q) => {
    const value = v ? (num(q[v.name]) ?? 0) : 1;
    const [a, b] = [node(0, q), node(1, q)];
    a.out += value;
    b.into += value;
    return { source: a.name, target: b.name, value };
  });
  return { nodes, links };
}
/** Where less comes in than goes out, or more, the rest is drawn in grey. */
function balanced(
  n: ReturnType<typeof net>,
  unit: string,
  c: Context,
): { data: object[]; links: object[]; texts: Map<string, string> } {
  const grey = { color: c.tpl.ink2, opacity: 0.35 };
  const texts = new Map([...n.nodes.values()].map((k) => [k.name, k.text]));
  const data: object[] = [...n.nodes.values()];
  const links: object[] = [...n.links];
  for (const k of n.nodes.values()) {
    const lack = k.into - k.out;
    if (!k.into || !k.out || Math.abs(lack) <= 1e-9 * amountOf(k)) continue;
    const name = `\u0000${k.name}`;
    texts.set(name, `${WORDS[c.lang].diff} ${k.text} ${quantityText(Math.abs(lack), unit)}`);
    data.push({ name, itemStyle: grey });
    links.push({
      ...(lack > 0 ? { source: k.name, target: name } : { source: name, target: k.name }),
      value: Math.abs(lack),
      lineStyle: grey,
    });
  }
  return { data, links, texts };
}
function network(spec: ChartSpec, r: Result, c: Context): object {
  const unit = fieldOf(r, spec.bind.value)?.unit ?? '';
  const n = net(spec, r, c);
  const sankey = spec.chart === 'sankey';
  const { data, links, texts } = sankey
    ? balanced(n, unit, c)
    : { data: [], links: n.links, texts: new Map([...n.nodes.values()].map((k) => [k.name, k.text])) };
  const all = [...n.nodes.values()];
  const most = Math.max(...all.map((k) => k.into + k.out), 1e-9);
  const text = (p: { name: string }): string => texts.get(p.name) ?? p.name;
  const amount = (p: { name: string }): string => {
    const k = n.nodes.get(p.name);
    return k ? `${k.text} ${quantityText(amountOf(k), unit)}` : text(p);
  };
  const label = {
    show: true,
    color: c.tpl.ink,
    fontSize: c.tpl.size,
    fontFamily: fontOf(c.tpl),
    formatter: sankey ? amount : text,
  };
  const item = {
    ...tip(c, 'item'),
    formatter: (p: { dataType?: string; name: string; value: number; data: { source?: string; target?: string } }) =>
      p.dataType === 'edge'
        ? `${esc(text({ name: p.data.source! }))} → ${esc(text({ name: p.data.target! }))} · ${quantityText(p.value, unit)}`
        : `${esc(text(p))} · ${quantityText(p.value, unit)}`,
  };
  if (sankey) {
    const last = all.filter((k) => !k.out).map((k) => widthOf(amount(k), c.tpl.size));
    return {
      ...base(c),
      tooltip: item,
      series: [
        {
          type: 'sankey',
          data,
          links,
          left: 12,
          right: Math.ceil(Math.max(...last, links.length > n.links.length ? 8 * c.tpl.size : 0)) + 20,
          top: 14,
          bottom: 14,
          nodeWidth: 12,
          nodeGap: 10,
          label,
          lineStyle: { color: 'gradient', opacity: 0.35 },
          emphasis: { focus: 'adjacency' },
        },
      ],
    };
  }
  return {
    ...base(c),
    tooltip: item,
    series: [
      {
        type: 'graph',
        layout: 'circular',
        circular: { rotateLabel: false },
        data: all.map((k) => ({
          name: k.name,
          value: k.into + k.out,
          ...(k.itemStyle ? { itemStyle: k.itemStyle } : {}),
          symbolSize: 8 + 26 * Math.sqrt((k.into + k.out) / most),
        })),
        links: links.map((l) => ({ ...l, lineStyle: { width: 0.6 + 4 * ((l as { value: number }).value / most) } })),
        label: { ...label, position: 'right' },
        roam: true,
        lineStyle: { color: c.tpl.ink2, curveness: 0.15, opacity: 0.5 },
        left: '18%',
        right: '18%',
        top: 24,
        bottom: 24,
      },
    ],
  };
}

function calendar(spec: ChartSpec, r: Result, c: Context): object {
  const [t, v] = [fieldOf(r, spec.bind.time)!, fieldOf(r, spec.bind.value)!];
  const days = new Map<string, [number, number]>();
  for (const q of asObjects(r)) {
    const w = num(q[v.name]);
    if (typeof q[t.name] !== 'number' || w === null) continue;
    const k = date(q[t.name] as number);
    const s = days.get(k) ?? [0, 0];
    days.set(k, [s[0] + w, s[1] + 1]);
  }
  const data = [...days].map(([k, [s, n]]) => [k, s / n] as [string, number]).sort((a, b) => (a[0] < b[0] ? -1 : 1));
  const [first, last] = [data[0]?.[0] ?? date(Date.parse(r.as_of)), data.at(-1)?.[0] ?? date(Date.parse(r.as_of))];
  const from = `${first.slice(0, 7)}-01`;
  /* Cells are square, as large as the room allows for so many weeks. */
  const weeks = Math.ceil((Date.parse(last) - Date.parse(from)) / (7 * 86_400_000)) + 2;
  const [w, h] = c.box ?? ROOM;
  const cell = Math.max(5, Math.min(44, Math.floor((w - 66) / weeks), Math.floor((h - 100) / 7)));
  return {
    ...base(c),
    tooltip: {
      ...tip(c, 'item'),
      formatter: (p: { value: [string, number] }) => `${esc(p.value[0])} · ${quantityText(p.value[1], v.unit)}`,
    },
    visualMap: ramp(
      c,
      data.map((d) => d[1]),
      v.unit,
    ),
    calendar: {
      range: [from, last],
      top: 40,
      left: 50,
      cellSize: [cell, cell],
      itemStyle: { color: 'transparent', borderColor: c.tpl.line },
      splitLine: { lineStyle: { color: c.tpl.ink2 } },
      dayLabel: { ...axisText(c), firstDay: 1, nameMap: c.lang === 'en' ? 'EN' : 'ZH' },
      monthLabel: { ...axisText(c), nameMap: c.lang === 'en' ? 'EN' : 'ZH' },
      yearLabel: { show: false },
    },
    series: [{ type: 'heatmap', coordinateSystem: 'calendar', data }],
  };
}

export function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1);
  const i = Math.floor(at);
  return i + 1 < sorted.length ? sorted[i]! + (at - i) * (sorted[i + 1]! - sorted[i]!) : sorted[sorted.length - 1]!;
}

function box(spec: ChartSpec, r: Result, c: Context): object {
  const [n, v] = [fieldOf(r, spec.bind.name)!, fieldOf(r, spec.bind.value)!];
  const rows = asObjects(r);
  const keys = distinct(rows, n.name).slice(0, BOXES_MOST);
  const counts: number[] = [];
  if (keys.every((k) => typeof k === 'number')) keys.sort((a, b) => Number(a) - Number(b));
  const boxes: (number[] | null)[] = [];
  const dots: [number, number][] = [];
  keys.forEach((k, i) => {
    const all = rows
      .filter((q) => (q[n.name] ?? null) === k)
      .map((q) => num(q[v.name]))
      .filter((q): q is number => q !== null)
      .sort((a, b) => a - b);
    counts.push(all.length);
    if (all.length < 5) {
      boxes.push(null);
      for (const q of all) dots.push([i, q]);
      return;
    } /* too few for a box */
    const [q1, q2, q3] = [quantile(all, 0.25), quantile(all, 0.5), quantile(all, 0.75)];
    const [lo, hi] = [q1 - 1.5 * (q3 - q1), q3 + 1.5 * (q3 - q1)];
    const inside = all.filter((q) => q >= lo && q <= hi);
    boxes.push([inside[0]!, q1, q2, q3, inside.at(-1)!]);
    for (const q of all) if (q < lo || q > hi) dots.push([i, q]);
  });
  return {
    ...base(c),
    tooltip: {
      ...tip(c, 'item'),
      formatter: (p: { seriesType: string; dataIndex: number; value: number[] }) => {
        const of = p.seriesType === 'boxplot' ? p.dataIndex : p.value[0]!;
        const b = boxes[of];
        return [
          `${show(keys[of], n, c.lang)} · n ${counts[of]}`,
          ...(p.seriesType === 'boxplot' && b
            ? WORDS[c.lang].q.map((word, k) => `${word} ${quantityText(b[k], v.unit)}`).reverse()
            : [quantityText(p.value[1], v.unit)]),
        ]
          .map(esc)
          .join('<br>');
      },
    },
    grid,
    xAxis: catAxis(
      c,
      keys.map((k) => show(k, n, c.lang)),
    ),
    yAxis: valueAxis(c, v.unit ? unitName(v.unit) : titleOf(v, c.lang), spec.options),
    series: [
      {
        type: 'boxplot',
        data: boxes.map((b) => b ?? [NaN, NaN, NaN, NaN, NaN]),
        itemStyle: { color: 'transparent', borderColor: c.tpl.series[0], borderWidth: c.tpl.stroke },
      },
      { type: 'scatter', data: dots, symbolSize: 6, itemStyle: { color: c.tpl.series[1], opacity: 0.8 } },
    ],
  };
}

/** Speeds in m/s up to which a wind is calm (HJ 2.2-2018), then light to strong by the Beaufort scale (GB/T 28591-2012: upper ends of grades 1 to 4). */
export const CALM = 0.2;
export const SPEEDS = [1.5, 3.3, 5.4, 7.9] as const;
/** How often the wind comes from each of sixteen sectors at each class of speed, and is calm: per cent of all hours in which it was measured. */
export function windRose(pairs: readonly (readonly [number | null, number | null])[]): {
  share: number[][];
  calm: number;
  n: number;
} {
  const counts = Array.from({ length: SPEEDS.length + 1 }, () => Array<number>(16).fill(0));
  let [n, calm] = [0, 0];
  for (const [d, v] of pairs) {
    if (v === null || v < 0 || (v > CALM && d === null)) continue; /* a calm has no direction */
    n++;
    if (v <= CALM) calm++;
    else counts[SPEEDS.filter((s) => v > s).length]![sectorOf(d!)]! += 1;
  }
  const of = (k: number): number => (n ? (100 * k) / n : 0);
  return { share: counts.map((row) => row.map(of)), calm: of(calm), n };
}
const sectorOf = (degrees: number): number => Math.floor(((((degrees % 360) + 360) % 360) + 11.25) / 22.5) % 16;

/** Sixteen sectors; the mean of the value in each, and how often the direction occurs. */
export function sectors(pairs: readonly (readonly [number, number])[]): { mean: (number | null)[]; n: number[] } {
  const sum = Array<number>(16).fill(0);
  const n = Array<number>(16).fill(0);
  for (const [d, v] of pairs) {
    const i = sectorOf(d);
    sum[i]! += v;
    n[i]! += 1;
  }
  return { mean: sum.map((s, i) => (n[i] ? s / n[i]! : null)), n };
}
export const WINDS = {
  zh: [
    '北',
    '北北东',
    '东北',
    '东北东',
    '东',
    '东南东',
    '东南',
    '南南东',
    '南',
    '南南西',
    '西南',
    '西南西',
    '西',
    '西北西',
    '西北',
    '北北西',
  ],
  en: ['N', 'NNE', 'NE', 'ENE', 'E', 'ESE', 'SE', 'SSE', 'S', 'SSW', 'SW', 'WSW', 'W', 'WNW', 'NW', 'NNW'],
};

/** The largest circle that leaves its names, and the legend above or beside it, their room. */
function polar(
  c: Context,
  names: string[],
  hole: number,
): { middle: [number, number]; radius: number; option: object } {
  const [w, h] = c.box ?? ROOM;
  const s = c.tpl.size;
  const beside = names.length > 0 && w > 1.5 * h;
  const right = beside ? Math.max(...names.map((n) => widthOf(n, s))) + 3 * s : 0;
  const top = names.length > 0 && !beside ? 2.4 * s : 0;
  const middle: [number, number] = [Math.round((w - right) / 2), Math.round(top + (h - top) / 2)];
  const most = Math.max(...WINDS[c.lang].filter((_, i) => i % 2 === 0).map((n) => widthOf(n, s)));
  const radius = Math.max(Math.round(Math.min((w - right) / 2 - most - s, (h - top) / 2 - 2 * s)), 3 * s);
  return {
    middle,
    radius,
    option: {
      polar: { radius: [hole ? Math.max(Math.round(hole * radius), Math.round(1.7 * s)) : 0, radius], center: middle },
      angleAxis: {
        type: 'category',
        data: WINDS[c.lang],
        startAngle: 101.25,
        axisLabel: { ...axisText(c), interval: 1 },
        axisLine: { lineStyle: { color: c.tpl.line } },
        axisTick: { show: false },
      },
      ...(names.length
        ? {
            legend: {
              ...legend(c, names),
              ...(beside ? { orient: 'vertical', left: 'auto', right: 4, top: 'middle' } : {}),
            },
          }
        : {}),
    },
  };
}
const rings = (c: Context, radius: number): object => ({
  splitNumber: radius < 9 * c.tpl.size ? 2 : 4,
  splitLine: { lineStyle: { color: c.tpl.line } },
  axisLine: { show: false },
  axisTick: { show: false },
});

const middleText = (c: Context, [x, y]: [number, number], text: string): object => ({
  type: 'text',
  x,
  y,
  silent: true,
  style: {
    text,
    fill: c.tpl.ink,
    fontSize: c.tpl.size,
    lineHeight: Math.round(c.tpl.size * 1.35),
    align: 'center',
    verticalAlign: 'middle',
    fontFamily: fontOf(c.tpl),
  },
});
/* Direction and value of the hours that were not calm. */
const rosePairs = (r: Result, d: Field, v: Field, f: Field): (readonly [number, number])[] =>
  asObjects(r)
    .filter((q) => (num(q[f.name]) ?? 0) > CALM)
    .map((q) => [num(q[d.name]), num(q[v.name])] as const)
    .filter((p): p is readonly [number, number] => p[0] !== null && p[1] !== null);
/** The mean of a value by the direction that the wind comes from. */
function rose(spec: ChartSpec, r: Result, c: Context): object {
  const [d, v] = [fieldOf(r, spec.bind.direction)!, fieldOf(r, spec.bind.value)!];
  const pairs = asObjects(r)
    .map((q) => [num(q[d.name]), num(q[v.name])] as const)
    .filter((p): p is readonly [number, number] => p[0] !== null && p[1] !== null);
  /* A calm has no direction: told apart where the speed is known. */
  const f = fieldOf(r, spec.bind.speed);
  const winds = f ? windRose(asObjects(r).map((q) => [num(q[d.name]), num(q[f.name])] as const)) : null;
  const s = sectors(f ? rosePairs(r, d, v, f) : pairs);
  const at = polar(c, [], winds ? 0.24 : 0);
  return {
    ...base(c),
    tooltip: {
      ...tip(c, 'item'),
      formatter: (p: { dataIndex: number }) =>
        `${WINDS[c.lang][p.dataIndex]} · ${numberText(s.mean[p.dataIndex])}${v.unit ? ` ${unitName(v.unit)}` : ''} · n ${s.n[p.dataIndex]}`,
    },
    ...at.option,
    radiusAxis: { ...rings(c, at.radius), min: 0, axisLabel: axisText(c) },
    series: [{ type: 'bar', coordinateSystem: 'polar', name: headOf(v, c.lang), data: s.mean, barCategoryGap: '8%' }],
    graphic: [
      ...(winds
        ? [middleText(c, at.middle, `${c.lang === 'en' ? 'calm' : '静风'}\n${round8170(winds.calm, 1)}%`)]
        : []),
      footnote(c, `${headOf(v, c.lang)} · n ${numberText(s.n.reduce((a, b) => a + b, 0))}`),
    ],
  };
}
/** How often the wind comes from where and how fast; the share of calms in the middle. */
function wind(spec: ChartSpec, r: Result, c: Context): object {
  const [d, v] = [fieldOf(r, spec.bind.direction)!, fieldOf(r, spec.bind.speed)!];
  const s = windRose(asObjects(r).map((q) => [num(q[d.name]), num(q[v.name])] as const));
  const unit = unitName(v.unit || 'm/s');
  const names = s.share.map(
    (_, i) =>
      (i === 0 ? `≤ ${SPEEDS[0]}` : i === SPEEDS.length ? `> ${SPEEDS[i - 1]!}` : `${SPEEDS[i - 1]!}–${SPEEDS[i]!}`) +
      ` ${unit}`,
  );
  const steps = mix(c.tpl.ramp, s.share.length);
  const at = polar(c, names, 0.3);
  const percent = (x: number): string => `${round8170(x, 1)}%`;
  return {
    ...base(c),
    color: steps,
    tooltip: {
      ...tip(c, 'item'),
      formatter: (p: { dataIndex: number; seriesName: string; value: number }) =>
        `${WINDS[c.lang][p.dataIndex]} · ${esc(p.seriesName)} · ${percent(p.value)}`,
    },
    ...at.option,
    radiusAxis: {
      ...rings(c, at.radius),
      min: 0,
      axisLabel: { ...axisText(c), formatter: (x: number) => `${numberText(x)}%` },
    },
    series: s.share.map((row, i) => ({
      type: 'bar',
      coordinateSystem: 'polar',
      stack: 'wind',
      name: names[i]!,
      data: row,
      barCategoryGap: '8%',
      itemStyle: { borderColor: c.tpl.ink2, borderWidth: 0.5 },
    })),
    graphic: [
      middleText(c, at.middle, `${c.lang === 'en' ? 'calm' : '静风'}\n${percent(s.calm)}`),
      footnote(c, `n ${numberText(s.n)}`),
    ],
  };
}
/** Colours between two, as many as wanted, leaving out the palest. */
export function mix([a, b]: readonly [string, string], n: number): string[] {
  const rgb = (z: string): number[] =>
    /^#[0-9a-f]{6}$/i.test(z) ? [1, 3, 5].map((i) => parseInt(z.slice(i, i + 2), 16)) : [128, 128, 128];
  const [x, y] = [rgb(a), rgb(b)];
  return Array.from(
    { length: n },
    (_, i) =>
      `#${x
        .map((p, k) =>
          Math.round(p + ((y[k]! - p) * (i + 1)) / n)
            .toString(16)
            .padStart(2, '0'),
        )
        .join('')}`,
  );
}

const footnote = (c: Context, text: string): object => ({
  type: 'text',
  left: 12,
  bottom: 4,
  silent: true,
  style: {
    text,
    fill: c.tpl.ink2,
    fontSize: c.tpl.size,
    fontFamily: fontOf(c.tpl),
    width: (c.box ?? ROOM)[0] - 24,
    overflow: 'break',
  },
});
export const esc = (s: string): string => s.replace(/[&<>"']/g, (ch) => `&#${ch.charCodeAt(0)};`);
const base = (c: Context): object => ({
  color: c.tpl.series,
  backgroundColor: 'transparent',
  animation: c.animate,
  animationDuration: 240,
  textStyle: { fontFamily: fontOf(c.tpl), color: c.tpl.ink, fontSize: c.tpl.size },
  /* The page says what the chart is: kind, rows, time. */
  aria: { enabled: true, label: { enabled: false }, decal: { show: c.tpl.decal } },
});
const tip = (c: Context, trigger: 'axis' | 'item'): object => ({
  trigger,
  confine: true,
  backgroundColor: c.tpl.surface,
  borderColor: c.tpl.line,
  textStyle: { color: c.tpl.ink, fontSize: c.tpl.size },
  valueFormatter: (v: unknown) =>
    typeof v === 'number'
      ? numberText(v)
      : Array.isArray(v)
        ? v.map((q) => (typeof q === 'number' ? numberText(q) : NONE)).join(', ')
        : NONE,
});
const legend = (c: Context, names: string[]): object => ({
  show: names.length > 1,
  type: 'scroll',
  top: 4,
  left: 8,
  right: 8,
  itemWidth: c.tpl.size,
  itemHeight: 0.7 * c.tpl.size,
  textStyle: axisText(c),
  pageTextStyle: axisText(c),
  pageIconColor: c.tpl.ink2,
  pageIconInactiveColor: c.tpl.line,
  data: names,
});

/** All names at once, in as many lines as they need while those leave the curves most of the room: nobody turns pages on a wall. */
function wholeLegend(c: Context, names: string[]): { legend: object; more: number } {
  const [w, h] = c.box ?? ROOM;
  const gap = 10;
  let [lines, at] = [1, 0];
  for (const n of names) {
    const wide = c.tpl.size + 5 + widthOf(n, c.tpl.size) + gap;
    if (at && at + wide > w - 16) [lines, at] = [lines + 1, 0];
    at += wide;
  }
  const more = (lines - 1) * (1.3 * c.tpl.size + gap);
  return more > 0.3 * h
    ? { legend: legend(c, names), more: 0 }
    : { legend: { ...legend(c, names), type: 'plain', itemGap: gap }, more };
}

/** null: not drawn by ECharts. */
export function optionOf(spec: ChartSpec, r: Result, c: Context): object | null {
  switch (spec.chart) {
    case 'bar':
    case 'line':
      return multiples(spec, r, c) ?? lines(spec, r, c);
    case 'pie':
    case 'ring':
    case 'funnel':
    case 'treemap':
      return parts(spec, r, c);
    case 'scatter':
      return scatter(spec, r, c);
    case 'radar':
      return radar(spec, r, c);
    case 'heat':
      return heat(spec, r, c);
    case 'gauge':
      return gauge(spec, r, c);
    case 'map':
      return map(spec, r, c);
    case 'sankey':
    case 'graph':
      return network(spec, r, c);
    case 'calendar':
      return calendar(spec, r, c);
    case 'box':
      return box(spec, r, c);
    case 'rose':
      return rose(spec, r, c);
    case 'wind':
      return wind(spec, r, c);
    default:
      return null;
  }
}
