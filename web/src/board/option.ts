/** From a chart's declaration and the rows of its set to what ECharts draws. Pure: the same in, the same out. */
import { date, dateMinute, minute, monthDay, NONE, round8170, subscripts, unit as unitName } from '@/lib/format';
import { broken, gaps, usualStep } from '@/lib/gaps';
import { legible, mixed } from '@/lib/palette';
import { asObjects, listOf } from './bind';
import { classColours } from './classes';
import { fontOf, type Template } from './templates';
import type { Cell, ChartSpec, Field, Result } from './types';

/** box: the room in pixels, where it is known. */
export interface Context {
  lang: 'zh' | 'en';
  tpl: Template;
  animate: boolean;
  box?: [number, number];
}
type Row = Record<string, Cell>;
const ROOM: [number, number] = [480, 300];
const SERIES_MOST = 8;
const PIE_MOST = 12;

export const titleOf = (f: Field | undefined, lang: string): string =>
  f ? subscripts(lang === 'en' ? f.title.en || f.title.zh : f.title.zh || f.title.en) : '';
export const headOf = (f: Field | undefined, lang: string): string =>
  f ? `${titleOf(f, lang)}${f.unit ? ` (${unitName(f.unit)})` : ''}` : '';

export function numberText(v: Cell | undefined): string {
  if (typeof v !== 'number' || !Number.isFinite(v)) return NONE;
  const a = Math.abs(v);
  if (Number.isInteger(v)) return v.toLocaleString('en-US').replace('-', '−');
  return round8170(v, a >= 100 ? 1 : a >= 1 ? 2 : 3)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
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
function groups(rows: Row[], by: string | undefined, value: string): { key: Cell; rows: Row[] }[] {
  if (!by) return [{ key: null, rows }];
  const all = new Map<Cell, Row[]>();
  for (const r of rows) {
    const k = r[by] ?? null;
    const l = all.get(k);
    if (l) l.push(r);
    else all.set(k, [r]);
  }
  const out = [...all].map(([key, list]) => ({ key, rows: list }));
  if (out.length <= SERIES_MOST) return out;
  const weight = (g: { rows: Row[] }): number => Math.max(...g.rows.map((r) => num(r[value]) ?? 0));
  return out.sort((a, b) => weight(b) - weight(a)).slice(0, SERIES_MOST);
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
export function leftOut(spec: ChartSpec, r: Result): number {
  const by = listOf(spec.bind.colour)[0];
  if (!by || !['bar', 'line', 'scatter'].includes(spec.chart)) return 0;
  return Math.max(0, distinct(asObjects(r), by).length - SERIES_MOST);
}

const axisText = (c: Context): object => ({ color: c.tpl.ink2, fontSize: c.tpl.size, fontFamily: fontOf(c.tpl) });
const valueAxis = (c: Context, name: string, o: ChartSpec['options'] & { whole?: boolean } = {}): object => ({
  type: 'value',
  splitNumber: (c.box ?? ROOM)[1] < 14 * c.tpl.size ? 2 : 5,
  ...(o.whole ? { minInterval: 1 } : {}),
  name,
  nameTextStyle: { ...axisText(c), align: 'left' },
  axisLabel: { ...axisText(c), formatter: (v: number) => numberText(v) },
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
  axisLine: { lineStyle: { color: c.tpl.line } },
  splitLine: { show: false },
});
const limitLine = (spec: ChartSpec, c: Context, flat = false): object => {
  const l = spec.options?.limit;
  if (!l) return {};
  const words = [l.title ? l.title[c.lang] || l.title.zh : '', l.clause ?? ''].filter(Boolean).join(' ');
  return {
    markLine: {
      silent: true,
      symbol: 'none',
      lineStyle: { color: c.tpl.danger, type: 'solid', width: c.tpl.stroke },
      label: { color: c.tpl.danger, formatter: `${l.value} ${words}`, position: 'insideEndTop', fontSize: c.tpl.size },
      data: [flat ? { xAxis: l.value } : { yAxis: l.value }],
    },
  };
};
const grid = { left: 12, right: 20, top: 40, bottom: 12, containLabel: true };

function lines(spec: ChartSpec, r: Result, c: Context): object {
  const rows = asObjects(r);
  const x = fieldOf(r, spec.bind.x)!;
  const time = x.type === 'time';
  const cats = time ? [] : distinct(rows, x.name);
  const ys = listOf(spec.bind.y);
  const by = listOf(spec.bind.colour)[0];
  const bar = spec.chart === 'bar';
  const timeBars = bar && time ? distinct(rows, x.name).sort((a, b) => Number(a) - Number(b)) : null;
  const keys = timeBars ?? cats;
  const onTime = time && !bar;
  const colours = classColours(fieldOf(r, by ?? x.name), distinct(rows, by ?? x.name));
  const series = ys.flatMap((y, k) =>
    groups(rows, by, y).map((g) => {
      const name = [
        ys.length > 1 || !by ? titleOf(fieldOf(r, y), c.lang) : '',
        by ? show(g.key, fieldOf(r, by), c.lang) : '',
      ]
        .filter(Boolean)
        .join(' ');
      let data: (number | null | [number, number | null] | { value: number | null; itemStyle: object })[];
      if (onTime) {
        const pts = g.rows
          .map((row) => [Number(row[x.name]), num(row[y])] as [number, number | null])
          .sort((a, b) => a[0] - b[0]);
        /* Missing is a gap, not a line across it. */
        data = broken(pts as never, gaps(pts, usualStep(pts.map((p) => p[0])))).map(
          (p) => [p[0], p[1]] as [number, number | null],
        );
      } else {
        const at = new Map(g.rows.map((row) => [row[x.name] ?? null, num(row[y])]));
        data = keys.map((key) => at.get(key) ?? null);
      }
      const style = by ? ownStyle(c, colours, g.key) : {};
      if (bar && !by && ys.length === 1)
        data = data.map((value, i) =>
          colours.has(keys[i]!)
            ? { value: value as number | null, itemStyle: ownStyle(c, colours, keys[i]).itemStyle! }
            : value,
        );
      return {
        type: bar ? 'bar' : 'line',
        name,
        data,
        ...(spec.options?.stack ? { stack: 'all' } : {}),
        ...(bar
          ? { barMaxWidth: 36, itemStyle: { borderRadius: c.tpl.round, ...style.itemStyle } }
          : {
              showSymbol: data.length <= 60,
              symbolSize: 5,
              ...(style.itemStyle ? { itemStyle: style.itemStyle } : {}),
              lineStyle: { width: c.tpl.stroke, ...style.lineStyle },
              connectNulls: false,
              sampling: 'lttb',
            }),
        ...(k === 0 ? limitLine(spec, c, bar && spec.options?.horizontal) : {}),
      };
    }),
  );
  const flat = bar && spec.options?.horizontal;
  const names = keys.map((k) => show(k, x, c.lang));
  const ca = onTime
    ? timeAxis(
        c,
        rows.map((q) => num(q[x.name]) ?? 0),
      )
    : { ...catAxis(c, names, flat), ...(flat ? { inverse: true } : {}) };
  const unit = [...new Set(ys.map((y) => fieldOf(r, y)?.unit ?? '').filter(Boolean))]
    .map((u) => unitName(u))
    .join(' / ');
  const whole = rows.every((q) => ys.every((y) => Number.isInteger(num(q[y]) ?? 0)));
  const va = valueAxis(c, unit || titleOf(fieldOf(r, ys[0]), c.lang), { ...spec.options, whole });
  const key = wholeLegend(
    c,
    series.map((s) => s.name),
  );
  return {
    ...base(c),
    tooltip: tip(c, 'axis'),
    legend: key.legend,
    grid: { ...grid, top: (series.length > 1 ? 56 : 40) * (c.tpl.size / 12) + key.more },
    xAxis: flat ? va : ca,
    yAxis: flat ? ca : va,
    series,
    ...(keys.length > 30 || onTime
      ? { dataZoom: [{ type: 'inside', ...(flat ? { yAxisIndex: 0 } : { xAxisIndex: 0 }) }] }
      : {}),
  };
}

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
    })
    .sort((a, b) => b.value - a.value);
  if (spec.chart === 'treemap' || all.length <= PIE_MOST) return all;
  const rest = all.slice(PIE_MOST - 1);
  return [
    ...all.slice(0, PIE_MOST - 1),
    {
      name: c.lang === 'en' ? `other ${rest.length}` : `其他 ${rest.length} 项`,
      value: rest.reduce((s, d) => s + d.value, 0),
    },
  ];
}
/** Labels beside a pie, in two lines; the pie is as large as they leave room for, and a name too long is broken, never cut. */
function pie(spec: ChartSpec, data: Part[], v: Field, c: Context): object {
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
    alignTo: 'labelLine',
  };
  const [w, h] = c.box ?? ROOM;
  const side = Math.max(...data.map((d) => widthOf(text(d), c.tpl.size)), 0) + 2.4 * c.tpl.size;
  const outer = Math.max(Math.min(0.36 * Math.min(w, h), w / 2 - side), 0.2 * Math.min(w, h));
  return {
    ...base(c),
    tooltip: tip(c, 'item'),
    series: [
      {
        type: 'pie',
        radius: [ring ? Math.round(outer * 0.64) : 0, Math.round(outer)],
        center: ['50%', '50%'],
        data,
        label,
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
    formatter: (p: { name: string; value: number }) => `${p.name} ${numberText(p.value)}`,
  };
  const edge = { borderColor: c.tpl.surface, borderWidth: 2 };
  if (spec.chart === 'funnel')
    return {
      ...base(c),
      tooltip: tip(c, 'item'),
      series: [
        {
          type: 'funnel',
          data,
          label: { ...label, position: 'inside', textBorderColor: c.tpl.surface, textBorderWidth: 3 },
          itemStyle: edge,
          left: '8%',
          right: '8%',
          top: 16,
          bottom: 12,
          minSize: '12%',
        },
      ],
    };
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
    tooltip: tip(c, 'item'),
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
          formatter: (p: { name: string; value: number }) => `${p.name}\n${numberText(p.value)}`,
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

function scatter(spec: ChartSpec, r: Result, c: Context): object {
  const rows = asObjects(r);
  const [x, y] = [fieldOf(r, spec.bind.x)!, fieldOf(r, spec.bind.y)!];
  const [size, by, name] = [fieldOf(r, spec.bind.size), listOf(spec.bind.colour)[0], fieldOf(r, spec.bind.name)];
  const most = size ? Math.max(...rows.map((q) => num(q[size.name]) ?? 0), 1e-9) : 1;
  const colours = classColours(fieldOf(r, by), by ? distinct(rows, by) : []);
  const series = groups(rows, by, y.name).map((g) => ({
    type: 'scatter',
    name: by ? show(g.key, fieldOf(r, by), c.lang) : titleOf(y, c.lang),
    large: g.rows.length > 5000,
    data: g.rows
      .filter((q) => num(q[x.name]) !== null && num(q[y.name]) !== null)
      .map((q) => ({
        value: [num(q[x.name]), num(q[y.name]), size ? num(q[size.name]) : null],
        name: name ? show(q[name.name], name, c.lang) : '',
      })),
    symbolSize: size ? (v: (number | null)[]) => 5 + 22 * Math.sqrt(Math.max(0, v[2] ?? 0) / most) : 7,
    itemStyle: { opacity: 0.75, ...ownStyle(c, colours, g.key).itemStyle },
  }));
  return {
    ...base(c),
    tooltip: tip(c, 'item'),
    legend: legend(c, by ? series.map((s) => s.name) : []),
    grid: { ...grid, top: by ? 56 : 40, bottom: 28 },
    xAxis: { ...valueAxis(c, headOf(x, c.lang)), nameLocation: 'middle', nameGap: 28, scale: true },
    yAxis: { ...valueAxis(c, headOf(y, c.lang)), scale: true },
    series,
  };
}

function radar(spec: ChartSpec, r: Result, c: Context): object {
  const ys = listOf(spec.bind.value).map((n) => fieldOf(r, n)!);
  const n = fieldOf(r, spec.bind.name)!;
  const rows = asObjects(r).slice(0, SERIES_MOST);
  /* Several measures: an axis each. One measure: an axis for each name. */
  const wide = ys.length >= 3;
  const top = (list: (number | null)[]): number => Math.max(...list.map((v) => v ?? 0), 1e-9) * 1.1;
  const most = (f: Field): number => spec.options?.max ?? top(rows.map((q) => num(q[f.name])));
  const indicator = wide
    ? ys.map((f) => ({ name: headOf(f, c.lang), max: most(f) }))
    : asObjects(r)
        .slice(0, 10)
        .map((q) => ({
          name: show(q[n.name], n, c.lang),
          max:
            spec.options?.max ??
            top(
              asObjects(r)
                .slice(0, 10)
                .flatMap((o) => ys.map((f) => num(o[f.name]))),
            ),
        }));
  const data = wide
    ? rows.map((q) => ({ name: show(q[n.name], n, c.lang), value: ys.map((f) => num(q[f.name])) }))
    : ys.map((f) => ({
        name: titleOf(f, c.lang),
        value: asObjects(r)
          .slice(0, 10)
          .map((q) => num(q[f.name])),
      }));
  return {
    ...base(c),
    tooltip: tip(c, 'item'),
    legend: legend(
      c,
      data.map((d) => d.name),
    ),
    radar: {
      indicator,
      center: ['50%', '56%'],
      radius: '62%',
      axisName: axisText(c),
      splitLine: { lineStyle: { color: c.tpl.line } },
      splitArea: { show: false },
      axisLine: { lineStyle: { color: c.tpl.line } },
    },
    series: [{ type: 'radar', data, symbolSize: 5, lineStyle: { width: c.tpl.stroke } }],
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
  /* Numbers stand only in cells that hold the widest of them. */
  const size = c.tpl.size;
  const [w, h] = c.box ?? ROOM;
  const side = Math.max(...ys.map((k) => widthOf(show(k, y, c.lang), size)), 0) + 2.4 * size;
  const roomy =
    (w - side) / xs.length >= Math.max(...data.map((d) => widthOf(numberText(d[2]), size)), 0) + 0.8 * size &&
    (h - 64) / ys.length >= 1.5 * size;
  return {
    ...base(c),
    tooltip: tip(c, 'item'),
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
          formatter: (p: { value: number[] }) => numberText(p.value[2]),
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
  const grain = 10 ** Math.floor(Math.log10(Math.max(is ?? 1, 1e-9)));
  const max = spec.options?.max ?? Math.max(Math.ceil(((is ?? 1) * 1.25) / grain) * grain, min + 1);
  const l = spec.options?.limit?.value;
  const part = l === undefined ? 1 : Math.min(1, Math.max(0, (l - min) / (max - min)));
  return {
    ...base(c),
    series: [
      {
        type: 'gauge',
        min,
        max,
        radius: '88%',
        center: ['50%', '58%'],
        startAngle: 205,
        endAngle: -25,
        data: [{ value: is, name: n ? show(row[n.name], n, c.lang) : titleOf(v, c.lang) }],
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
        title: { ...axisText(c), offsetCenter: [0, '72%'] },
        detail: {
          color: c.tpl.ink,
          fontSize: c.tpl.size + 12,
          fontFamily: fontOf(c.tpl),
          offsetCenter: [0, '44%'],
          formatter: (q: number) => `${numberText(q)}${v.unit ? ` ${unitName(v.unit)}` : ''}`,
        },
      },
    ],
  };
}

export const MAP_NAME = 'districts';
function map(spec: ChartSpec, r: Result, c: Context): object {
  const rows = asObjects(r);
  const v = fieldOf(r, spec.bind.value);
  const area = {
    itemStyle: { areaColor: 'transparent', borderColor: c.tpl.ink2, borderWidth: 0.8 },
    label: { show: true, ...axisText(c), fontSize: c.tpl.size - 1 },
    emphasis: { itemStyle: { areaColor: c.tpl.ramp[0] }, label: { color: c.tpl.ink } },
  };
  const d = fieldOf(r, spec.bind.district);
  if (d && !(spec.bind.lon && spec.bind.lat)) {
    const sums = new Map<string, number>();
    for (const q of rows) {
      const w = v ? num(q[v.name]) : 1;
      if (q[d.name] && w !== null) sums.set(String(q[d.name]), (sums.get(String(q[d.name])) ?? 0) + w);
    }
    const data = [...sums].map(([name, value]) => ({ name, value }));
    return {
      ...base(c),
      tooltip: tip(c, 'item'),
      visualMap: ramp(
        c,
        data.map((q) => q.value),
        v?.unit ?? '',
      ),
      series: [
        {
          type: 'map',
          map: MAP_NAME,
          nameProperty: 'code',
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
  return {
    ...base(c),
    tooltip: tip(c, 'item'),
    legend: legend(c, by ? series.map((s) => s.name) : []),
    geo: { map: MAP_NAME, nameProperty: 'code', roam: true, ...area, label: { show: false }, silent: true },
    series,
  };
}

function network(spec: ChartSpec, r: Result, c: Context): object {
  const [from, to, v] = [fieldOf(r, spec.bind.from)!, fieldOf(r, spec.bind.to)!, fieldOf(r, spec.bind.value)];
  const rows = asObjects(r).filter((q) => q[from.name] !== null && q[to.name] !== null);
  /* The two columns may use the same words for different things: kept apart by the side. */
  const sankey = spec.chart === 'sankey';
  const id = (side: string, k: Cell): string => (sankey ? `${side}:${String(k)}` : String(k));
  const colours = [from, to].map((f) => classColours(f, distinct(rows, f.name)));
  const nodes = new Map<string, { name: string; text: string; value: number; itemStyle?: object }>();
  const links = rows.map((q) => {
    const w = v ? (num(q[v.name]) ?? 0) : 1;
    for (const [side, f] of [
      ['a', from],
      ['b', to],
    ] as const) {
      const k = id(side, q[f.name]!);
      const node = nodes.get(k) ?? {
        name: k,
        text: show(q[f.name], f, c.lang),
        value: 0,
        ...(({ itemStyle }) => (itemStyle ? { itemStyle } : {}))(
          ownStyle(c, colours[side === 'a' ? 0 : 1]!, q[f.name]),
        ),
      };
      node.value += w;
      nodes.set(k, node);
    }
    return { source: id('a', q[from.name]!), target: id('b', q[to.name]!), value: w };
  });
  const data = [...nodes.values()];
  const most = Math.max(...data.map((n) => n.value), 1e-9);
  const text = (p: { name: string }): string => nodes.get(p.name)?.text ?? p.name;
  const label = { show: true, color: c.tpl.ink, fontSize: c.tpl.size, fontFamily: fontOf(c.tpl), formatter: text };
  const item = {
    ...tip(c, 'item'),
    formatter: (p: { dataType?: string; name: string; value: number; data: { source?: string; target?: string } }) =>
      p.dataType === 'edge'
        ? `${esc(text({ name: p.data.source! }))} → ${esc(text({ name: p.data.target! }))} ${numberText(p.value)}`
        : `${esc(text(p))} ${numberText(p.value)}`,
  };
  if (sankey)
    return {
      ...base(c),
      tooltip: item,
      series: [
        {
          type: 'sankey',
          data,
          links,
          left: 12,
          right:
            Math.ceil(
              Math.max(...data.filter((n) => n.name.startsWith('b:')).map((n) => widthOf(n.text, c.tpl.size)), 0),
            ) + 20,
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
  return {
    ...base(c),
    tooltip: item,
    series: [
      {
        type: 'graph',
        layout: 'circular',
        circular: { rotateLabel: false },
        data: data.map((n) => ({ ...n, symbolSize: 8 + 26 * Math.sqrt(n.value / most) })),
        links: links.map((l) => ({ ...l, lineStyle: { width: 0.6 + 4 * (l.value / most) } })),
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
  return {
    ...base(c),
    tooltip: tip(c, 'item'),
    visualMap: ramp(
      c,
      data.map((d) => d[1]),
      v.unit,
    ),
    calendar: {
      range: [from, last],
      top: 40,
      left: 50,
      right: 16,
      cellSize: Date.parse(last) - Date.parse(from) < 130 * 86_400_000 ? [22, 22] : ['auto', 18],
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
  const keys = distinct(rows, n.name).slice(0, 40);
  if (keys.every((k) => typeof k === 'number')) keys.sort((a, b) => Number(a) - Number(b));
  const boxes: (number[] | null)[] = [];
  const dots: [number, number][] = [];
  keys.forEach((k, i) => {
    const all = rows
      .filter((q) => (q[n.name] ?? null) === k)
      .map((q) => num(q[v.name]))
      .filter((q): q is number => q !== null)
      .sort((a, b) => a - b);
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
    tooltip: tip(c, 'item'),
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
      { type: 'scatter', data: dots, symbolSize: 4, itemStyle: { color: c.tpl.series[1] } },
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

/** The mean of a value by the direction that the wind comes from. */
function rose(spec: ChartSpec, r: Result, c: Context): object {
  const [d, v] = [fieldOf(r, spec.bind.direction)!, fieldOf(r, spec.bind.value)!];
  const pairs = asObjects(r)
    .map((q) => [num(q[d.name]), num(q[v.name])] as const)
    .filter((p): p is readonly [number, number] => p[0] !== null && p[1] !== null);
  const s = sectors(pairs);
  const at = polar(c, [], 0);
  return {
    ...base(c),
    tooltip: {
      ...tip(c, 'item'),
      formatter: (p: { dataIndex: number }) =>
        `${WINDS[c.lang][p.dataIndex]} · ${numberText(s.mean[p.dataIndex])}${v.unit ? ` ${unitName(v.unit)}` : ''} · n ${s.n[p.dataIndex]}`,
    },
    ...at.option,
    radiusAxis: { ...rings(c, at.radius), axisLabel: axisText(c) },
    series: [{ type: 'bar', coordinateSystem: 'polar', name: headOf(v, c.lang), data: s.mean, barCategoryGap: '8%' }],
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
      {
        type: 'text',
        x: at.middle[0],
        y: at.middle[1],
        silent: true,
        style: {
          text: `${c.lang === 'en' ? 'calm' : '静风'}\n${percent(s.calm)}`,
          fill: c.tpl.ink,
          fontSize: c.tpl.size,
          lineHeight: Math.round(c.tpl.size * 1.35),
          align: 'center',
          verticalAlign: 'middle',
          fontFamily: fontOf(c.tpl),
        },
      },
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
      return lines(spec, r, c);
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
