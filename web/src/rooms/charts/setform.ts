/** The declaration of a data set as a form: what each source and step is made of, what changes when a member does, which problem stands beside which member. Pure. */
import type { Cell, Field, Problem, SetSpec } from '@/board/types';

export type Json = Record<string, unknown>;
export interface Step extends Json {
  do: string;
}
export const stepsOf = (s: SetSpec): Step[] => (Array.isArray(s.steps) ? (s.steps as Step[]) : []);

/** A member set, or taken away when nothing is left of it. */
export function withMember<T extends object>(o: T, name: string, v: unknown): T {
  const out = { ...o } as Json;
  if (
    v === '' ||
    v === undefined ||
    v === null ||
    (Array.isArray(v) && !v.length) ||
    (typeof v === 'object' && !Array.isArray(v) && !Object.keys(v as object).length)
  )
    delete out[name];
  else out[name] = v;
  return out as T;
}
/** What a source of a kind begins as; what the old one has in common with it stays. */
export const SOURCES: Record<string, { members: string[]; begin: Json }> = {
  records: { members: ['type', 'filter', 'q'], begin: { type: 'discharger' } },
  latest: { members: ['factor', 'site_kind', 'district'], begin: { factor: ['a34004'] } },
  series: {
    members: ['factor', 'site_kind', 'district', 'step', 'window'],
    begin: { factor: ['a34004'], step: 'hour', window: { last: '24h' } },
  },
  alarms: { members: ['active', 'window', 'site_kind', 'district'], begin: { active: true } },
  cases: { members: ['flow', 'open'], begin: {} },
  registry: { members: ['of', 'site_kind', 'district'], begin: { of: 'sites' } },
  static: {
    members: ['columns', 'rows'],
    begin: {
      columns: [
        { name: 'name', type: 'text' },
        { name: 'value', type: 'number' },
      ],
      rows: [['甲', 1]],
    },
  },
  set: { members: ['set'], begin: {} },
};
export function sourceOf(kind: string, was: SetSpec['source']): SetSpec['source'] {
  const { members, begin } = SOURCES[kind]!;
  return { kind, ...begin, ...Object.fromEntries(Object.entries(was).filter(([k]) => members.includes(k))) };
}
/** Steps that have a form: all that the server knows. */
export const STEPS = [
  'filter',
  'select',
  'compute',
  'calc',
  'bucket',
  'group',
  'share',
  'pivot',
  'join',
  'sort',
  'top',
] as const;
export function newStep(kind: string, fields: readonly Field[]): Step {
  const first = (t: Field['type']): string => fields.find((f) => f.type === t)?.name ?? fields[0]?.name ?? '';
  const fresh = (name: string): string => {
    let k = name;
    for (let i = 2; fields.some((f) => f.name === k); i++) k = `${name}${i}`;
    return k;
  };
  const group = fields.find((f) => f.type === 'text' && f.role !== 'id')?.name ?? first('text');
  switch (kind) {
    case 'filter':
      return { do: kind, where: { all: [{ field: first('text'), op: 'null', value: false }] } };
    case 'select':
      return { do: kind, fields: fields.map((f) => f.name) };
    case 'compute':
      return { do: kind, as: fresh('x'), expr: first('number') || '1' };
    case 'calc':
      return { do: kind, name: '', in: {}, out: {} };
    case 'bucket':
      return { do: kind, field: first('time'), by: 'day', as: fresh('day') };
    case 'group':
      return { do: kind, by: group ? [group] : [], measures: [{ as: fresh('n'), fn: 'count' }] };
    case 'share':
      return { do: kind, field: first('number'), as: fresh('share') };
    case 'pivot':
      return { do: kind, key: [first('time')], column: group, value: first('number'), values: [] };
    case 'join':
      return { do: kind, set: '', on: {}, how: 'left' };
    case 'sort':
      return { do: kind, by: [`-${first('number')}`] };
    default:
      return { do: kind, n: 10, by: `-${first('number')}` };
  }
}
export const withStep = (s: SetSpec, i: number, step: Step): SetSpec =>
  withMember(
    s,
    'steps',
    stepsOf(s).map((x, k) => (k === i ? step : x)),
  );
export const addStep = (s: SetSpec, step: Step): SetSpec => withMember(s, 'steps', [...stepsOf(s), step]);
export const dropStep = (s: SetSpec, i: number): SetSpec =>
  withMember(
    s,
    'steps',
    stepsOf(s).filter((_, k) => k !== i),
  );
export function moveStep(s: SetSpec, i: number, by: -1 | 1): SetSpec {
  const l = [...stepsOf(s)];
  const k = i + by;
  if (k < 0 || k >= l.length) return s;
  [l[i], l[k]] = [l[k]!, l[i]!];
  return withMember(s, 'steps', l);
}

/** What is wrong with a member or something in it. */
export const problemsAt = (all: readonly Problem[], path: string): Problem[] =>
  all.filter((p) => p.field === path || p.field.startsWith(`${path}.`));
/** What no member of the form shows: said above it. */
export const problemsLeft = (all: readonly Problem[], shown: readonly string[]): Problem[] =>
  all.filter((p) => !shown.some((s) => p.field === s || p.field.startsWith(`${s}.`)));

/* --- conditions: one, or several of which all or any must hold, within one another --- */
export interface Condition {
  field: string;
  op: string;
  value?: unknown;
}
export const OPS = ['=', '!=', '<', '<=', '>', '>=', 'in', 'contains', 'between', 'null'] as const;
/** Groups within groups, as deep as the server goes. */
export const DEEPEST = 5;
export interface Group {
  any: boolean;
  parts: unknown[];
  /** Where each part stands under the group, as the server names it. */ paths: string[];
}
export const isCondition = (c: unknown): c is Condition =>
  !!c && typeof c === 'object' && typeof (c as Condition).field === 'string' && typeof (c as Condition).op === 'string';
const partsOf = (where: unknown): { any: boolean; parts: unknown[]; at: string } | null => {
  if (Array.isArray(where)) return { any: false, parts: where, at: '' };
  const o = (where ?? {}) as Json;
  for (const k of ['all', 'any'] as const)
    if (Array.isArray(o[k]) && Object.keys(o).length === 1)
      return { any: k === 'any', parts: o[k] as unknown[], at: `${k}.` };
  return null;
};
const readable = (c: unknown): boolean => isCondition(c) || (partsOf(c)?.parts.every(readable) ?? false);
/** null: nothing that a form could show. */
export function groupOf(where: unknown): Group | null {
  if (where === undefined || where === null) return { any: false, parts: [], paths: [] };
  if (isCondition(where)) return { any: false, parts: [where], paths: [''] };
  const g = partsOf(where);
  return g && g.parts.every(readable)
    ? { any: g.any, parts: g.parts, paths: g.parts.map((_, i) => `${g.at}${i}`) }
    : null;
}
/** A group as it is written: without parts nothing; at the top one condition stands for itself. */
export function whereOf(any: boolean, parts: readonly unknown[], top = true): unknown {
  const kept = parts.filter((p) => p !== undefined);
  return !kept.length
    ? undefined
    : top && kept.length === 1 && isCondition(kept[0])
      ? kept[0]
      : { [any ? 'any' : 'all']: kept };
}

/* --- parameters --- */
export interface Param extends Json {
  name: string;
  type?: string;
  default?: unknown;
  title?: unknown;
}
export const paramsOf = (s: SetSpec): Param[] => (Array.isArray(s.params) ? (s.params as Param[]) : []);
/** What is typed as a value of a parameter: a number, yes or no, or the text itself. */
export const paramValue = (text: string, type: string | undefined): unknown =>
  valueOf(text, '=', { type: type ?? 'text' } as Field);

/* --- calculators: a column or a constant for each input, a new column for each result that is wanted --- */
export interface Schema {
  type?: string | string[];
  enum?: (string | number)[];
  description?: string;
  minimum?: number;
}
export interface Calculator {
  name: string;
  title: string;
  title_en: string;
  basis: string;
  formula: string;
  input: { required?: string[]; properties: Record<string, Schema> };
  result: { properties: Record<string, Schema> };
}
const kindOf = (x: Schema): string => [x.type].flat().find((z) => z && z !== 'null') ?? '';
export const isScalar = (x: Schema): boolean => ['string', 'number', 'integer', 'boolean'].includes(kindOf(x));
/** A row can feed one whose needed inputs are single values. */
export const usable = (c: Calculator): boolean =>
  (c.input.required ?? []).every((k) => isScalar(c.input.properties[k] ?? {})) &&
  Object.values(c.result.properties).some(isScalar);
export const constantOf = (text: string, x: Schema): unknown =>
  valueOf(text, '=', {
    type: ({ number: 'number', integer: 'number', boolean: 'bool' } as Record<string, string>)[kindOf(x)] ?? 'text',
  } as Field);
/** A result as it is written: its new column, and that it is text where it is. */
export const outOf = (as: string, x: Schema): unknown =>
  !as ? undefined : kindOf(x) === 'string' ? { as, type: 'text' } : as;
export const outName = (v: unknown): string =>
  typeof v === 'string' ? v : String((v as { as?: unknown } | undefined)?.as ?? '');

const isParam = (v: unknown): v is { param: string } =>
  !!v && typeof v === 'object' && typeof (v as { param?: unknown }).param === 'string';
/** A value as it is typed: lists with commas, a parameter as :name. */
export function valueText(v: unknown): string {
  if (isParam(v)) return `:${v.param}`;
  if (Array.isArray(v)) return v.map(valueText).join(', ');
  return v === undefined || v === null ? '' : String(v);
}
export function valueOf(text: string, op: string, f: Field | undefined): unknown {
  const one = (z: string): Cell | { param: string } => {
    const t = z.trim();
    if (/^:[a-z]\w*$/.test(t)) return { param: t.slice(1) };
    return f?.type === 'number' && t !== '' && Number.isFinite(Number(t))
      ? Number(t)
      : f?.type === 'bool' && /^(true|false)$/.test(t)
        ? t === 'true'
        : t;
  };
  return op === 'in' || op === 'between'
    ? text
        .split(/[,，]/)
        .map(one)
        .filter((x) => x !== '')
    : one(text);
}

/* --- a written table as lines --- */
export const tableText = (rows: unknown): string =>
  Array.isArray(rows)
    ? rows.map((r) => (Array.isArray(r) ? r.map((c) => (c === null ? '' : String(c))).join('\t') : '')).join('\n')
    : '';
export function tableOf(text: string, columns: readonly { type?: string }[]): Cell[][] {
  return text
    .split('\n')
    .filter((l) => l.trim())
    .map((l) => {
      const cells = l.split(/\t|[,，]/);
      return columns.map((c, i) => {
        const z = (cells[i] ?? '').trim();
        return z === ''
          ? null
          : c.type === 'number'
            ? Number.isFinite(Number(z))
              ? Number(z)
              : z
            : c.type === 'bool'
              ? z === 'true'
              : z;
      });
    });
}
