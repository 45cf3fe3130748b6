/** What a declaration says about showing, asking and comparing values: no page knows a business. */
import type { Choice, CodeWords, Condition, Field, Problem, Thing, ThingType, Values } from '@/api/things';
import { count, dateMinute, degrees, NONE, parse, THIN } from './format';

export interface Show {
  lang: string;
  /** Titles of what ids stand for: records, people. */
  names: Record<string, string>;
  /** Words of codes of lists too long to be choices. */
  codes?: CodeWords;
  area: (code: string) => string;
}
export const word = (w: { zh: string; en: string } | undefined, lang: string): string =>
  w ? (lang === 'en' ? w.en || w.zh : w.zh || w.en) : '';
export const isEmpty = (v: unknown): boolean =>
  v === null || v === undefined || v === '' || (Array.isArray(v) && v.length === 0);

/** Of a long list the code stands behind its words: people of the field know both. */
export function choiceOf(f: Field, code: unknown, s: Pick<Show, 'lang' | 'codes'>): string {
  const c: Choice | undefined = f.choices?.find((x) => x.code === code);
  const long = word(s.codes?.[f.codes ?? '']?.[String(code)], s.lang);
  return c ? word(c, s.lang) : long ? `${long} ${String(code)}` : String(code);
}

const UNITS: Record<string, string> = { 天: 'd', 工作日: 'working days', 个月: 'months', 小时: 'h', 分钟: 'min' };
/** A unit in the reader's language; symbols are the same in both. */
export const unitWord = (u: string | undefined, lang: string): string => (lang === 'en' && u && UNITS[u]) || u || '';

function number(v: unknown, f: Field, lang: string): string {
  const text = String(v);
  const [whole, rest] = text.replace('-', '').split('.');
  const out = `${text.startsWith('-') ? '−' : ''}${count(Number(whole))}${rest === undefined ? '' : `.${rest}`}`;
  if (f.type === 'money') return `¥${THIN}${out}`;
  return f.unit ? `${out}${THIN}${unitWord(f.unit, lang)}` : out;
}

const isPoint = (v: unknown): v is { coordinates: [number, number] } =>
  Array.isArray((v as { coordinates?: unknown } | null)?.coordinates);

/** A value in one line. */
export function valueText(f: Field, v: unknown, s: Show): string {
  if (isEmpty(v)) return NONE;
  const en = s.lang === 'en';
  switch (f.type) {
    case 'bool':
      return en ? (v ? 'yes' : 'no') : v ? '是' : '否';
    case 'choice':
    case 'code':
      return choiceOf(f, v, s);
    case 'choices':
    case 'codes':
      return (v as unknown[]).map((c) => choiceOf(f, c, s)).join('、');
    case 'ref':
    case 'user':
      return s.names[String(v)] ?? `#${String(v).slice(-6)}`;
    case 'refs':
      return (v as unknown[]).map((id) => s.names[String(id)] ?? `#${String(id).slice(-6)}`).join('、');
    case 'area':
      return s.area(String(v));
    case 'time': {
      const ms = parse(String(v));
      return ms === null ? String(v) : dateMinute(ms);
    }
    case 'integer':
    case 'number':
    case 'decimal':
    case 'money':
      return number(v, f, s.lang);
    case 'point':
      return isPoint(v) ? degrees(v.coordinates[0], v.coordinates[1]) : NONE;
    case 'line':
    case 'polygon':
      return en ? 'drawn' : '已画';
    case 'file':
      return fileName(v);
    case 'files':
      return en ? `${(v as unknown[]).length} files` : `${(v as unknown[]).length} 个文件`;
    case 'list':
      return en ? `${(v as unknown[]).length} rows` : `${(v as unknown[]).length} 项`;
    case 'object':
      return (
        (f.fields ?? [])
          .filter((x) => !isEmpty((v as Values)[x.id]))
          .map((x) => `${word(x.title, s.lang)} ${valueText(x, (v as Values)[x.id], s)}`)
          .join(en ? '; ' : '；') || NONE
      );
    case 'text':
      /* Codes in a text, as a computed field leaves them. */
      return f.choices
        ? String(v)
            .split(' ')
            .map((c) => choiceOf(f, c, s))
            .join(en ? ', ' : '、')
        : String(v);
    default:
      return String(v);
  }
}
/** The title as the reader says it: that of a type which is titled by a choice is its word, not its code. */
export function titleText(
  type: Pick<ThingType, 'fields' | 'title_field'>,
  x: Pick<Thing, 'title' | 'fields'>,
  s: Show,
): string {
  const f = type.fields.find((y) => y.id === type.title_field);
  return f?.choices && !isEmpty(x.fields[f.id]) ? valueText(f, x.fields[f.id], s) : x.title;
}
export function fileName(v: unknown): string {
  const o = v as { name?: string; digest?: string } | string | null;
  return typeof o === 'object' && o ? (o.name ?? `${(o.digest ?? '').slice(0, 8)}…`) : `${String(o).slice(0, 8)}…`;
}

export const isNumeric = (f: Field): boolean => ['integer', 'number', 'decimal', 'money'].includes(f.type);
/** Columns that a list starts with: what is declared for lists, the title first. */
export function listColumns(fields: readonly Field[], titleField: string, wanted?: readonly string[]): string[] {
  const known = new Set(fields.map((f) => f.id));
  const out = (wanted?.length ? wanted : fields.filter((f) => f.list).map((f) => f.id)).filter((c) => known.has(c));
  return known.has(titleField) && !out.includes(titleField) ? [titleField, ...out] : out;
}

/* --- comparing -------------------------------------------------------------------------------- */

export function same(a: unknown, b: unknown): boolean {
  if (isEmpty(a) && isEmpty(b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || !a || !b)
    return (
      a === b || (typeof a !== 'object' && typeof b !== 'object' && String(a) === String(b) && typeof a !== 'boolean')
    );
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  for (const k of keys) if (!same((a as Values)[k], (b as Values)[k])) return false;
  return true;
}

/** What to send: the fields that are not as they were, emptied ones as null. Masked and computed ones are never sent. */
export function changes(
  fields: readonly Field[],
  before: Values,
  after: Values,
  leave: readonly string[] = [],
): Values {
  const out: Values = {};
  for (const f of fields) {
    if (f.compute || leave.includes(f.id) || same(before[f.id], after[f.id])) continue;
    out[f.id] = isEmpty(after[f.id]) ? null : cleaned(f, after[f.id]);
  }
  return out;
}
/** Lists without empty rows, groups without empty members. */
function cleaned(f: Field, v: unknown): unknown {
  if (f.type === 'list')
    return (v as Values[]).map((row) => group(f, row)).filter((row) => Object.keys(row).length > 0);
  return f.type === 'object' ? group(f, v as Values) : v;
}
function group(f: Field, row: Values): Values {
  return Object.fromEntries(
    (f.fields ?? []).filter((x) => !x.compute && !isEmpty(row[x.id])).map((x) => [x.id, cleaned(x, row[x.id])]),
  );
}

/* --- checking in the page, as the server will -------------------------------------------------- */

export function check(
  fields: readonly Field[],
  v: Values,
  lang: string,
  leave: readonly string[] = [],
  path = '',
): Record<string, string> {
  const out: Record<string, string> = {};
  const en = lang === 'en';
  for (const f of fields) {
    const at = path + f.id;
    const x = v[f.id];
    if (f.compute || leave.includes(f.id)) continue;
    if (isEmpty(x)) {
      /* What is asked for only in some cases is the server's to say. */
      if (f.required && !f.when) out[at] = en ? 'required' : '必填';
      continue;
    }
    const why = wrong(f, x, en);
    if (why) out[at] = why;
    else if (f.type === 'list')
      (x as Values[]).forEach((row, i) => {
        if (Object.values(row).some((c) => !isEmpty(c)))
          Object.assign(out, check(f.fields ?? [], row, lang, [], `${at}.${i}.`));
      });
    else if (f.type === 'object') Object.assign(out, check(f.fields ?? [], x as Values, lang, [], `${at}.`));
  }
  return out;
}
function wrong(f: Field, x: unknown, en: boolean): string {
  if (isNumeric(f)) {
    const n = Number(x);
    if (!/^-?\d+(\.\d+)?$/.test(String(x))) return en ? 'must be a number' : '须为数';
    if (f.type === 'integer' && !Number.isInteger(n)) return en ? 'must be a whole number' : '须为整数';
    if ((f.min !== undefined && n < f.min) || (f.max !== undefined && n > f.max))
      return en ? `from ${f.min ?? '−∞'} to ${f.max ?? '∞'}` : `须在 ${f.min ?? '−∞'} 至 ${f.max ?? '∞'} 之间`;
    const most = f.decimals ?? (f.type === 'money' ? 2 : 30);
    if ((String(x).split('.')[1]?.length ?? 0) > most) return en ? `at most ${most} decimals` : `小数至多 ${most} 位`;
  }
  if (
    (f.type === 'text' || f.type === 'longtext') &&
    ((f.max !== undefined && [...String(x)].length > f.max) || (f.min !== undefined && [...String(x)].length < f.min))
  )
    return en ? `${f.min ?? 0} to ${f.max ?? '∞'} characters` : `须为 ${f.min ?? 0} 至 ${f.max ?? '∞'} 字`;
  return '';
}

/** Problems of the server by field; what names no field of the form stands under ''. */
export function byField(
  problems: readonly Problem[],
  lang: string,
  known: (path: string) => boolean,
): Record<string, string> {
  const out: Record<string, string> = {};
  for (const p of problems) {
    const path = p.field && known(p.field) ? p.field : '';
    const text = lang === 'en' ? p.en : p.zh;
    out[path] = out[path] ? `${out[path]}；${text}` : path || !p.field ? text : `${p.field} ${text}`;
  }
  return out;
}
export const problemsOf = (body: unknown): Problem[] => {
  const p = (body as { problems?: Problem[] } | null)?.problems;
  return Array.isArray(p) ? p : [];
};

/* --- filters ----------------------------------------------------------------------------------- */

export function filterText(c: Condition, f: Field | undefined, s: Show): string {
  if (!f) return `${c.field} ${c.op}`;
  const name = word(f.title, s.lang);
  const one = (v: unknown): string =>
    valueText(
      f.type === 'choices'
        ? { ...f, type: 'choice' }
        : f.type === 'codes'
          ? { ...f, type: 'code' }
          : f.type === 'refs'
            ? { ...f, type: 'ref' }
            : f,
      v,
      s,
    );
  if (c.op === 'null')
    return `${name} ${s.lang === 'en' ? (c.value ? 'empty' : 'filled in') : c.value ? '为空' : '已填'}`;
  if (c.op === 'between') {
    const [a, b] = c.value as [unknown, unknown];
    return `${name} ${one(a)}–${one(b)}`;
  }
  if (c.op === 'in') return `${name} = ${(c.value as unknown[]).map(one).join('、')}`;
  return `${name} ${c.op === 'contains' ? (s.lang === 'en' ? 'has' : '含') : c.op} ${c.op === 'contains' ? String(c.value) : one(c.value)}`;
}
export function readFilter(text: unknown): Condition[] {
  try {
    const v = JSON.parse(String(text ?? '')) as unknown;
    return Array.isArray(v)
      ? (v as Condition[]).filter((c) => c && typeof c.field === 'string' && typeof c.op === 'string')
      : [];
  } catch {
    return [];
  }
}

/** The fields of a merged record: the reader's choice, a value before nothing. */
export function chosen(
  fields: readonly Field[],
  a: Thing,
  b: Thing,
  pick: Record<string, 'a' | 'b'>,
): Record<string, 'a' | 'b'> {
  return Object.fromEntries(
    fields
      .filter((f) => !same(a.fields[f.id], b.fields[f.id]))
      .map((f) => [f.id, pick[f.id] ?? (isEmpty(a.fields[f.id]) ? 'b' : 'a')]),
  );
}
