/** The law as the server tells it: tables, rows, editions, differences, calculators. */
import { call, get } from '@/api/client';
import type {
  Calculators,
  LawDeadline,
  LawDiff,
  LawHistory,
  LawHits,
  LawRow,
  LawRowFound,
  LawTable,
  LawTables,
} from '@/api/schema';

export type Row = LawRow;
export type Table = LawTable;
export type Column = LawTable['columns'][number];
export type Head = LawTables['items'][number];
export type Hit = LawHits['items'][number];
export type Changed = LawDiff['items'][number];
export type Calculator = Calculators['items'][number];
type Signal = AbortSignal | undefined;

const at = (table: string): string => `standards/tables/${table}`;
export const law = {
  tables: (q: { day?: string; standard?: string }, signal?: Signal) => get<LawTables>('standards', q, signal),
  table: (
    table: string,
    q: { day?: string; q?: string; standard?: string; limit?: number; cursor?: string | null },
    signal?: Signal,
  ) => get<LawTable>(at(table), q, signal),
  row: (table: string, key: string, day: string, signal?: Signal) =>
    get<LawRowFound>(`${at(table)}/row`, { key, day }, signal),
  deadline: (table: string, key: string, from: string, signal?: Signal) =>
    get<LawDeadline>(`${at(table)}/deadline`, { key, from }, signal),
  search: (q: string, day: string, signal?: Signal) => get<LawHits>('standards/search', { q, day, limit: 200 }, signal),
  diff: (q: { table?: string; from_day: string; to_day: string }, signal?: Signal) =>
    get<LawDiff>('standards/diff', q, signal),
  history: (signal?: Signal) => get<LawHistory>('standards/history', undefined, signal),
  calculators: (signal?: Signal) => get<Calculators>('calc', undefined, signal).then((r) => r.items),
};

export interface Answer {
  result?: Record<string, unknown>;
  error?: { code: string; field: string | null; message: string };
}
export const run = (name: string, input: object): Promise<Answer> =>
  call<Answer>('POST', `calc/${name}`, { body: input });

/** The register of standards, which every row points to. */
export const REGISTER = 'register/standards';
export const pathOf = (table: string): string => `/law/t/${table}`;

/** Columns worth showing: those that say something in one of the rows, those of the other language left out. */
export function shownColumns(columns: readonly Column[], rows: readonly Row[], lang: string): Column[] {
  const names = new Set(columns.map((c) => c.name));
  return columns.filter((c) => {
    if (!rows.some((r) => r.values[c.name] !== null && r.values[c.name] !== undefined)) return false;
    if (c.name.endsWith('_en') && names.has(c.name.slice(0, -3))) return lang === 'en';
    if (lang === 'en' && names.has(`${c.name}_en`)) return rows.some((r) => !r.values[`${c.name}_en`]);
    return true;
  });
}

/** A field of a row as it stands in the table; a number is not rounded. */
export const fieldText = (v: unknown): string => (v === null || v === undefined ? '' : String(v));

/** The days of a row in words: "2026-03-01 –", "– 2026-02-28". */
export const daysText = (r: Pick<Row, 'valid_from' | 'valid_to'>, always: string): string =>
  r.valid_from || r.valid_to ? `${r.valid_from ?? ''} – ${r.valid_to ?? ''}`.trim() : always;

/** The parts of a text that are numbers of standards in the register, for links; longest first, so that one inside another does not win. */
export function cutAtStandards(text: string, numbers: readonly string[]): { text: string; standard: boolean }[] {
  const known = [...numbers].filter((n) => n.length > 3).sort((a, b) => b.length - a.length);
  const out: { text: string; standard: boolean }[] = [];
  let rest = text;
  while (rest) {
    let best = -1;
    let hit = '';
    for (const n of known) {
      const i = rest.indexOf(n);
      if (i >= 0 && (best < 0 || i < best)) {
        best = i;
        hit = n;
      }
    }
    if (best < 0) {
      out.push({ text: rest, standard: false });
      break;
    }
    if (best > 0) out.push({ text: rest.slice(0, best), standard: false });
    out.push({ text: hit, standard: true });
    rest = rest.slice(best + hit.length);
  }
  return out;
}
