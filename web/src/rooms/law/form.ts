/** A form of a calculator, made from the schema of its input as the server tells it. */
export interface Schema {
  type?: string | string[];
  format?: string;
  enum?: string[];
  description?: string;
  default?: unknown;
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
}
export type Kind = 'number' | 'integer' | 'boolean' | 'one' | 'some' | 'text' | 'date' | 'dates' | 'numbers' | 'map';
export interface Field {
  name: string;
  kind: Kind;
  about: string;
  unit: string;
  required: boolean;
  words: string[];
  def: unknown;
  range: string;
  nulls: boolean;
}
/** What is typed, by field; of a map by its key. */
export type Typed = Record<string, string | string[] | Record<string, string>>;

const kindOf = (s: Schema): Kind => {
  const t = Array.isArray(s.type) ? s.type[0] : s.type;
  if (s.enum) return 'one';
  if (t === 'object') return 'map';
  if (t === 'array')
    return s.items?.enum ? 'some' : s.items?.format === 'date' ? 'dates' : isText(s.items) ? 'text' : 'numbers';
  if (t === 'boolean' || t === 'integer' || t === 'number') return t;
  return s.format === 'date' ? 'date' : 'text';
};
const isText = (s: Schema | undefined): boolean => s?.type === 'string';
function rangeOf(s: Schema | undefined): string {
  if (!s) return '';
  const low =
    s.minimum !== undefined ? `≥ ${s.minimum}` : s.exclusiveMinimum !== undefined ? `> ${s.exclusiveMinimum}` : '';
  const high =
    s.maximum !== undefined ? `≤ ${s.maximum}` : s.exclusiveMaximum !== undefined ? `< ${s.exclusiveMaximum}` : '';
  return [low, high].filter(Boolean).join(', ');
}

export function fieldsOf(input: Schema, units: Record<string, string>): Field[] {
  return Object.entries(input.properties ?? {}).map(([name, p]) => {
    const s = p.anyOf?.[0] ?? p;
    const kind = kindOf(s);
    const each = kind === 'map' ? Object.values(s.properties ?? {})[0] : kind === 'numbers' ? s.items : s;
    const unit = units[name] ?? '';
    const about = (p.description ?? '').replace(new RegExp(`，${unit.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`), '');
    return {
      name,
      kind,
      about: unit ? about : (p.description ?? ''),
      unit,
      required: !!input.required?.includes(name),
      words: s.enum ?? s.items?.enum ?? Object.keys(s.properties ?? {}),
      def: p.default,
      range: rangeOf(each),
      nulls: Array.isArray(each?.type) && each.type.includes('null'),
    };
  });
}

export const emptyOf = (fields: readonly Field[]): Typed =>
  Object.fromEntries(fields.map((f) => [f.name, f.kind === 'some' ? [] : f.kind === 'map' ? {} : '']));

/** A number as it was typed, else the text itself, so that the server says what is wrong with it. */
const number = (t: string): unknown => (/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(t) ? Number(t) : t);
const parts = (t: string): string[] => t.split(/[\s,，、;；]+/).filter(Boolean);
const one = (f: Field, v: Typed[string]): unknown => {
  if (f.kind === 'some') return v;
  if (f.kind === 'map') {
    const said = Object.entries(v as Record<string, string>).filter(([, x]) => x.trim());
    return Object.fromEntries(said.map(([k, x]) => [k, number(x.trim())]));
  }
  const text = String(v);
  if (f.kind === 'numbers') return parts(text).map((x) => (f.nulls && /^(null|-|—)$/i.test(x) ? null : number(x)));
  if (f.kind === 'dates') return parts(text);
  if (f.kind === 'boolean') return text === 'true';
  return f.kind === 'number' || f.kind === 'integer' ? number(text.trim()) : text.trim();
};
const isEmpty = (v: Typed[string]): boolean =>
  typeof v === 'string' ? !v.trim() : Array.isArray(v) ? v.length === 0 : Object.values(v).every((x) => !x.trim());

/** What is sent: fields left empty are left out, so that the server's own defaults hold. */
export function inputOf(fields: readonly Field[], typed: Typed): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const f of fields) if (!isEmpty(typed[f.name] ?? '')) out[f.name] = one(f, typed[f.name]!);
  return out;
}

/** The result, a line for each number or word: members of an object and of a list behind each other. */
export function linesOf(v: unknown, path = ''): { path: string; value: string }[] {
  if (Array.isArray(v)) {
    if (!v.some((x) => x && typeof x === 'object')) return [{ path, value: v.length ? v.map(String).join('、') : '' }];
    return v.flatMap((x, i) => linesOf(x, `${path} ${i + 1}`));
  }
  if (v && typeof v === 'object') return Object.entries(v).flatMap(([k, x]) => linesOf(x, path ? `${path} · ${k}` : k));
  return [{ path, value: v === null || v === undefined ? '' : String(v) }];
}
