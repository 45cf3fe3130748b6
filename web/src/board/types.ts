/** Data sets and charts as the server tells them; the contract is docs/datasets.md. */
import type * as S from '@/api/schema';

export type {
  Cell,
  ChartItem,
  ChartKind as Kind,
  ChartSpec,
  SetField as Field,
  SetItem,
  SetProblem as Problem,
  SetRows as Result,
  SetSpec,
} from '@/api/schema';
export type FieldType = S.SetField['type'];
export type Role = S.SetField['role'];
export type Bind = S.ChartSpec['bind'];
export type Options = NonNullable<S.ChartSpec['options']>;
export type TemplateId = NonNullable<S.ChartSpec['template']>;
type Cell = S.Cell;
type Kind = S.ChartKind;
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
  { id: 'radar', channels: [cat('name', MUST), num('value', MANY), num('max')] },
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
  { id: 'rose', channels: [num('direction', MUST), num('value', MUST), num('speed')] },
  { id: 'wind', channels: [num('direction', MUST), num('speed', MUST)] },
  { id: 'table', channels: [{ id: 'columns', takes: 'any', ...MANY }] },
];
export const kindOf = (id: Kind): KindOf => KINDS.find((k) => k.id === id)!;
/** Drawn by ECharts; the others are plain elements. */
export const DRAWN: ReadonlySet<Kind> = new Set(
  KINDS.map((k) => k.id).filter((k) => !['table', 'number', 'rank', 'words'].includes(k)),
);
