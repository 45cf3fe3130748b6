/** Data sets and charts as the server tells them; the contract is docs/datasets.md. */
import type { Words } from '@/api/things';

export type FieldType = 'text' | 'number' | 'time' | 'bool';
export type Role = 'time' | 'category' | 'measure' | 'geo' | 'id' | 'flag' | 'state';
export interface Field {
  name: string;
  title: Words;
  role: Role;
  type: FieldType;
  unit: string;
  labels?: Record<string, Words>;
}
export type Cell = string | number | boolean | null;
export interface Result {
  id?: string;
  code?: string;
  version?: number;
  name?: string;
  name_en?: string | null;
  note?: string | null;
  as_of: string;
  data_time: string | null;
  lag_s: number | null;
  total: number;
  truncated: boolean;
  sampled: boolean;
  flags: Record<string, number>;
  explain: { zh: string; en: string; clause: string[] };
  live: { topics: string[]; series?: number[]; types?: string[] };
  hidden: string[];
  fields: Field[];
  rows: Cell[][];
  /** Asked again so often; without it a minute is often enough beside the live stream. */
  refresh_s?: number;
}
export interface SetItem {
  id: string;
  code: string;
  name: string;
  name_en: string | null;
  note: string | null;
  version: number;
  spec: SetSpec | null;
}
export interface SetSpec {
  source: { kind: string; [k: string]: unknown };
  steps?: unknown[];
  params?: { name: string; type?: string; default?: Cell; title?: Words }[];
  refresh?: string | number;
  rows_max?: number;
  clauses?: string[];
}
export interface Problem {
  field: string;
  zh: string;
  en: string;
}

export type Kind =
  | 'bar'
  | 'line'
  | 'pie'
  | 'ring'
  | 'scatter'
  | 'radar'
  | 'heat'
  | 'gauge'
  | 'map'
  | 'sankey'
  | 'graph'
  | 'calendar'
  | 'box'
  | 'funnel'
  | 'treemap'
  | 'table'
  | 'number'
  | 'rank'
  | 'words'
  | 'rose'
  | 'wind';
export type Bind = Record<string, string | string[]>;
export interface Options {
  title?: Words;
  stack?: boolean;
  horizontal?: boolean;
  min?: number;
  max?: number;
  limit?: { value: number; title?: Words; clause?: string };
}
export type TemplateId = 'light-office' | 'deep-blue' | 'ink' | 'red-alert' | 'print' | 'high-contrast';
export interface ChartSpec {
  set?: string;
  spec?: SetSpec;
  params?: Record<string, unknown>;
  chart: Kind;
  bind: Bind;
  options?: Options;
  template?: TemplateId;
}
export interface ChartItem {
  id: string;
  code: string;
  name: string;
  name_en: string | null;
  note: string | null;
  version: number;
  spec: ChartSpec;
}
/** What is picked in a chart: the bound field, its value, the whole row. */
export interface Pick {
  field: string;
  value: Cell;
  row: Record<string, Cell>;
}

/** What a channel takes. cat: anything that tells things apart; time; num. */
export type Takes = 'cat' | 'time' | 'num' | 'any';
export interface Channel {
  id: string;
  takes: Takes;
  must?: boolean;
  many?: boolean;
}
export interface KindOf {
  id: Kind;
  channels: Channel[];
}
const cat = (id: string, more: Partial<Channel> = {}): Channel => ({ id, takes: 'cat', ...more });
const num = (id: string, more: Partial<Channel> = {}): Channel => ({ id, takes: 'num', ...more });
const MUST = { must: true };
const MANY = { must: true, many: true };
/** As the server checks them when a chart is saved. */
export const KINDS: readonly KindOf[] = [
  { id: 'bar', channels: [cat('x', MUST), num('y', MANY), cat('colour')] },
  { id: 'line', channels: [cat('x', MUST), num('y', MANY), cat('colour')] },
  { id: 'pie', channels: [cat('name', MUST), num('value', MUST)] },
  { id: 'ring', channels: [cat('name', MUST), num('value', MUST)] },
  { id: 'scatter', channels: [num('x', MUST), num('y', MUST), num('size'), cat('colour'), cat('name')] },
  { id: 'radar', channels: [cat('name', MUST), num('value', MANY)] },
  { id: 'heat', channels: [cat('x', MUST), cat('y', MUST), num('value', MUST)] },
  { id: 'gauge', channels: [num('value', MUST), cat('name')] },
  { id: 'map', channels: [num('lon'), num('lat'), cat('district'), num('value'), cat('name'), cat('colour')] },
  { id: 'sankey', channels: [cat('from', MUST), cat('to', MUST), num('value', MUST)] },
  { id: 'graph', channels: [cat('from', MUST), cat('to', MUST), num('value')] },
  { id: 'calendar', channels: [{ id: 'time', takes: 'time', must: true }, num('value', MUST)] },
  { id: 'box', channels: [cat('name', MUST), num('value', MUST)] },
  { id: 'funnel', channels: [cat('name', MUST), num('value', MUST)] },
  { id: 'treemap', channels: [cat('name', MUST), num('value', MUST), cat('parent')] },
  { id: 'rank', channels: [cat('name', MUST), num('value', MUST)] },
  { id: 'number', channels: [num('value', MUST), cat('name')] },
  { id: 'words', channels: [cat('name', MUST), num('value', MUST)] },
  { id: 'rose', channels: [num('direction', MUST), num('value', MUST)] },
  { id: 'wind', channels: [num('direction', MUST), num('speed', MUST)] },
  { id: 'table', channels: [{ id: 'columns', takes: 'any', ...MANY }] },
];
export const kindOf = (id: Kind): KindOf => KINDS.find((k) => k.id === id)!;
/** Drawn by ECharts; the others are plain elements. */
export const DRAWN: ReadonlySet<Kind> = new Set(
  KINDS.map((k) => k.id).filter((k) => !['table', 'number', 'rank', 'words'].includes(k)),
);
