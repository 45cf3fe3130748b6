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

/** Why this chart cannot show these numbers truly; null when it can. Keys of words. */
export function refusal(spec: ChartSpec, r: Result): string | null {
  const col = (name: string | string[] | undefined): number => r.fields.findIndex((f) => f.name === listOf(name)[0]);
  for (const n of Object.values(spec.bind).flatMap(listOf))
    if (!r.fields.some((f) => f.name === n)) return r.hidden.includes(n) ? 'noRight' : 'noField';
  if (missing(spec.chart, spec.bind).length) return 'unbound';
  if (spec.chart === 'map' && !(spec.bind.district || (spec.bind.lon && spec.bind.lat))) return 'unbound';
  if (!r.rows.length) return 'empty';
  if (['pie', 'ring', 'funnel', 'treemap', 'sankey', 'words'].includes(spec.chart)) {
    const i = col(spec.bind.value);
    if (r.rows.some((row) => typeof row[i] === 'number' && (row[i] as number) < 0)) return 'negative';
  }
  if (spec.chart === 'sankey') {
    const [f, t] = [col(spec.bind.from), col(spec.bind.to)];
    if (r.rows.some((row) => row[f] === row[t])) return 'circle';
  }
  if (
    spec.options?.stack &&
    listOf(spec.bind.y).length > 1 &&
    new Set(listOf(spec.bind.y).map((n) => r.fields.find((f) => f.name === n)!.unit)).size > 1
  )
    return 'units';
  return null;
}
