/** Which columns a chart shows where: what fits, what is missing, and how a binding goes over to another kind of chart. */
import {
  kindOf,
  type Bind,
  type Cell,
  type Channel,
  type ChartSpec,
  type Field,
  type Kind,
  type Result,
  type TemplateId,
} from './types';

export const fits = (f: Field, c: Channel): boolean =>
  c.takes === 'any' ||
  (c.takes === 'num'
    ? f.type === 'number'
    : c.takes === 'time'
      ? f.type === 'time'
      : f.role !== 'measure' || f.type !== 'number');

export const listOf = (v: string | string[] | undefined): string[] =>
  v === undefined ? [] : Array.isArray(v) ? v : [v];

/** The field goes to the channel: into its place, or behind the others where several may stand. */
export function put(bind: Bind, c: Channel, name: string): Bind {
  if (!c.many) return { ...bind, [c.id]: name };
  const was = listOf(bind[c.id]);
  return was.includes(name) ? bind : { ...bind, [c.id]: [...was, name] };
}
export function take(bind: Bind, c: Channel, name: string): Bind {
  const rest = listOf(bind[c.id]).filter((n) => n !== name);
  const out = { ...bind };
  if (c.many && rest.length) out[c.id] = rest;
  else delete out[c.id];
  return out;
}
export const missing = (kind: Kind, bind: Bind): string[] =>
  kindOf(kind)
    .channels.filter((c) => c.must && !listOf(bind[c.id]).length)
    .map((c) => c.id);

/** What was bound goes over to another kind: channels of the same name first, then by what they take; nothing is bound twice. */
export function rebind(bind: Bind, to: Kind, fields: readonly Field[]): Bind {
  const of = new Map(fields.map((f) => [f.name, f]));
  const old = Object.values(bind).flatMap(listOf);
  const used = new Set<string>();
  const out: Bind = {};
  const channels = kindOf(to).channels;
  const give = (c: Channel, names: string[]): void => {
    const good = names.filter((n) => !used.has(n) && of.has(n) && fits(of.get(n)!, c));
    const kept = c.many ? good : good.slice(0, 1);
    if (!kept.length) return;
    for (const n of kept) used.add(n);
    out[c.id] = c.many ? kept : kept[0]!;
  };
  for (const c of channels) give(c, listOf(bind[c.id]));
  for (const c of channels) if (c.must && out[c.id] === undefined) give(c, c.many ? old : old.slice());
  return out;
}

/** Another style: what is bound, asked and limited stays as it is. */
export const restyle = (spec: ChartSpec, template: TemplateId): ChartSpec => ({ ...spec, template });

/** A first proposal for a set: times to the line, places to the map, else a bar. */
export function propose(fields: readonly Field[]): { chart: Kind; bind: Bind } | null {
  const m = fields.find((f) => f.role === 'measure' && f.type === 'number');
  const time = fields.find((f) => f.type === 'time');
  const c = fields.find((f) => f.role === 'category' || (f.role === 'geo' && f.type === 'text') || f.role === 'state');
  if (!m) return fields.length ? { chart: 'table', bind: { columns: fields.slice(0, 6).map((f) => f.name) } } : null;
  if (time && c) return { chart: 'line', bind: { x: time.name, y: [m.name], colour: c.name } };
  if (time) return { chart: 'line', bind: { x: time.name, y: [m.name] } };
  return c ? { chart: 'bar', bind: { x: c.name, y: [m.name] } } : { chart: 'number', bind: { value: m.name } };
}

/** Rows as objects by column. */
export const asObjects = (r: Result): Record<string, Cell>[] =>
  r.rows.map((row) => Object.fromEntries(r.fields.map((f, i) => [f.name, row[i] ?? null])));

/** Whether adding up means nothing, as with means and concentrations. Shares of one whole do make it up. */
function neverAdds(f: Field, values: readonly Cell[]): boolean {
  if (f.adds !== 'never') return false;
  const sum = values.reduce<number>((s, v) => s + (typeof v === 'number' ? v : 0), 0);
  return !(f.unit === '%' && Math.abs(sum - 100) < 1);
}
const RADAR_AXES = [3, 10] as const;
/** Where the axis of a measure, or of a row, ends: declared, never taken from the data. */
export const radarEnd = (spec: ChartSpec, measure: string, row?: Record<string, Cell>): number | null => {
  const own = row && spec.bind.max ? row[listOf(spec.bind.max)[0]!] : spec.options?.maxes?.[measure];
  const v = own ?? spec.options?.max;
  return typeof v === 'number' && v > 0 ? v : null;
};
/** Several measures have an axis each; with one or two, each row has one. */
export const radarWide = (spec: ChartSpec): boolean => listOf(spec.bind.value).length >= RADAR_AXES[0];

type Why = string | null;
type Rule = (spec: ChartSpec, r: Result, of: (channel: string) => Field | undefined) => Why;
const valuesOf = (r: Result, f: Field): Cell[] => {
  const i = r.fields.indexOf(f);
  return r.rows.map((row) => row[i] ?? null);
};
const parts: Rule = (spec, r, of) => {
  const v = of('value')!;
  const all = valuesOf(r, v);
  if (all.some((x) => typeof x === 'number' && x < 0)) return 'negative';
  if (spec.chart !== 'words' && neverAdds(v, all)) return 'noWhole';
  return null;
};
/* Each stage is a part of the one before it. */
const nested: Rule = (_, r, of) => {
  const all = valuesOf(r, of('value')!).filter((x): x is number => typeof x === 'number');
  return all.some((x, i) => i > 0 && x > all[i - 1]!) ? 'notNested' : null;
};
/** Whether going on from a node leads back to it. */
function circular(links: readonly (readonly [Cell, Cell])[]): boolean {
  const next = new Map<Cell, Cell[]>();
  for (const [a, b] of links) next.set(a, [...(next.get(a) ?? []), b]);
  const state = new Map<Cell, 1 | 2>();
  const visit = (k: Cell): boolean => {
    if (state.get(k)) return state.get(k) === 1;
    state.set(k, 1);
    const back = (next.get(k) ?? []).some(visit);
    state.set(k, 2);
    return back;
  };
  return [...next.keys()].some(visit);
}
const flows: Rule = (_, r, of) => {
  const [f, t] = [valuesOf(r, of('from')!), valuesOf(r, of('to')!)];
  return circular(f.map((k, i) => [k, t[i]!] as const).filter(([a, b]) => a !== null && b !== null)) ? 'circle' : null;
};
/* Bars and lines: what is stacked must add up, what stands on one axis must have one unit, one place holds one row. */
const axes: Rule = (spec, r, of) => {
  const ys = listOf(spec.bind.y).map((n) => r.fields.find((f) => f.name === n)!);
  const by = of('colour');
  const units = new Set(ys.map((f) => f.unit));
  if (spec.options?.stack && (ys.length > 1 || by)) {
    if (units.size > 1) return 'units';
    if (ys.some((f) => f.adds === 'never')) return 'noStack';
  }
  if (units.size > 2) return 'axes2';
  const [xs, gs] = [valuesOf(r, of('x')!), by ? valuesOf(r, by) : []];
  const seen = new Set<string>();
  for (let i = 0; i < xs.length; i++) {
    const k = JSON.stringify([xs[i], gs[i] ?? null]);
    if (seen.has(k)) return 'doubled';
    seen.add(k);
  }
  return null;
};
const radar: Rule = (spec, r) => {
  const ys = listOf(spec.bind.value);
  const rows = asObjects(r);
  const n = radarWide(spec) ? ys.length : rows.length;
  if (n < RADAR_AXES[0] || n > RADAR_AXES[1]) return 'radarAxes';
  const ends = radarWide(spec)
    ? ys.map((y) => radarEnd(spec, y))
    : rows.flatMap((row) => ys.map((y) => radarEnd(spec, y, row)));
  return ends.every((e) => e !== null) ? null : 'noMax';
};
/* Two columns of a set that was not grouped: values of several units in one column. */
const oneUnit: Rule = (_, r, of) => {
  const v = of('value') ?? of('y');
  const unit = r.fields.find((f) => f.name === 'unit' && f.type === 'text');
  if (!v || v.unit || v.name !== 'value' || !unit) return null;
  return new Set(valuesOf(r, unit).filter(Boolean)).size > 1 ? 'units1' : null;
};
const RULES: Partial<Record<Kind, Rule[]>> = {
  bar: [axes, oneUnit],
  line: [axes, oneUnit],
  pie: [parts, oneUnit],
  ring: [parts, oneUnit],
  treemap: [parts, oneUnit],
  funnel: [parts, nested],
  sankey: [parts, flows],
  words: [parts],
  radar: [radar],
  gauge: [(spec) => (typeof spec.options?.max === 'number' ? null : 'noMax')],
  box: [oneUnit],
  heat: [oneUnit],
  rank: [oneUnit],
  map: [
    (spec, _, of) =>
      of('district') && !of('lon') && of('value')?.adds === 'count' && !spec.options?.per ? 'countMap' : null,
  ],
};

/** Why this chart cannot show these numbers truly; null when it can. Keys of words. */
export function refusal(spec: ChartSpec, r: Result): Why {
  for (const n of Object.values(spec.bind).flatMap(listOf))
    if (!r.fields.some((f) => f.name === n)) return r.hidden.includes(n) ? 'noRight' : 'noField';
  if (missing(spec.chart, spec.bind).length) return 'unbound';
  if (spec.chart === 'map' && !(spec.bind.district || (spec.bind.lon && spec.bind.lat))) return 'unbound';
  if (!r.rows.length) return 'empty';
  const of = (channel: string): Field | undefined => r.fields.find((f) => f.name === listOf(spec.bind[channel])[0]);
  for (const rule of RULES[spec.chart] ?? []) {
    const why = rule(spec, r, of);
    if (why) return why;
  }
  const measures = kindOf(spec.chart)
    .channels.filter((c) => c.must && c.takes === 'num')
    .flatMap((c) => listOf(spec.bind[c.id]));
  const shown = measures.map((n) =>
    valuesOf(
      r,
      r.fields.find((f) => f.name === n)!,
    ),
  );
  return shown.length && shown.every((all) => all.every((v) => v === null)) ? 'allNull' : null;
}
