/** Style templates: what a chart looks like, never what it shows. Switching one leaves the chart's declaration as it is. */
import { token } from '@/lib/palette';
import type { TemplateId } from './types';

export interface Template {
  surface: string;
  ink: string;
  ink2: string;
  line: string;
  danger: string;
  series: string[];
  ramp: [string, string];
  /** Text in pixels; width of lines. */
  size: number;
  stroke: number;
  serif: boolean;
  round: number;
  /** Shapes besides colours: for print and for eyes that see no colours. */
  decal: boolean;
  rule: boolean;
}
export const TEMPLATES: readonly TemplateId[] = [
  'light-office',
  'deep-blue',
  'ink',
  'red-alert',
  'print',
  'high-contrast',
];

const FIXED: Record<Exclude<TemplateId, 'light-office'>, Template> = {
  'deep-blue': {
    surface: '#0b1d2e',
    ink: '#eaf2f7',
    ink2: '#a9c0cf',
    line: '#21405a',
    danger: '#f59482',
    series: ['#8cc6d9', '#e2b07a', '#86cdb0', '#cdb0d5', '#c9cb7c', '#eca7b6'],
    ramp: ['#12304a', '#8cc6d9'],
    size: 13,
    stroke: 2,
    serif: false,
    round: 2,
    decal: false,
    rule: false,
  },
  ink: {
    surface: '#f5f2ea',
    ink: '#1b2a2f',
    ink2: '#59666b',
    line: '#cfc8b6',
    danger: '#b02e22',
    series: ['#1b2a2f', '#7c6f58', '#4f6f68', '#9a8266', '#6b7d86', '#8a5a52'],
    ramp: ['#e9e4d6', '#2b3c41'],
    size: 13,
    stroke: 1.6,
    serif: true,
    round: 0,
    decal: false,
    rule: true,
  },
  'red-alert': {
    surface: '#2a1010',
    ink: '#fbeeea',
    ink2: '#e3b8ae',
    line: '#5a2a26',
    danger: '#ffd166',
    series: ['#ffb4a2', '#ffd166', '#f28482', '#f5cac3', '#e9c46a', '#cdb4db'],
    ramp: ['#451a18', '#ff8c7a'],
    size: 14,
    stroke: 2.4,
    serif: false,
    round: 2,
    decal: false,
    rule: false,
  },
  print: {
    surface: '#ffffff',
    ink: '#000000',
    ink2: '#333333',
    line: '#bbbbbb',
    danger: '#000000',
    series: ['#111111', '#555555', '#888888', '#333333', '#aaaaaa', '#777777'],
    ramp: ['#f2f2f2', '#222222'],
    size: 12,
    stroke: 1.4,
    serif: true,
    round: 0,
    decal: true,
    rule: true,
  },
  'high-contrast': {
    surface: '#000000',
    ink: '#ffffff',
    ink2: '#ffffff',
    line: '#8a8a8a',
    danger: '#ff8a80',
    series: ['#ffffff', '#ffd60a', '#64d2ff', '#30d158', '#ff9f0a', '#ff8aeb'],
    ramp: ['#1c1c1c', '#ffd60a'],
    size: 15,
    stroke: 3,
    serif: false,
    round: 0,
    decal: true,
    rule: false,
  },
};

/** The office one follows the theme of the page, or of the part of it that it stands in. */
export function template(id: TemplateId | undefined, within?: Element | null): Template {
  if (id && id !== 'light-office') return FIXED[id];
  const of = (name: string): string => token(name, within);
  return {
    surface: of('surface'),
    ink: of('ink'),
    ink2: of('ink2'),
    line: of('line'),
    danger: of('cinnabar'),
    series: [1, 2, 3, 4, 5, 6].map((i) => of(`s${i}`)),
    ramp: [of('brand-tint'), of('brand')],
    size: 12,
    stroke: 1.8,
    serif: false,
    round: 2,
    decal: false,
    rule: false,
  };
}
export const fontOf = (t: Template): string =>
  t.serif
    ? "'Shanshui Serif', 'Noto Serif CJK SC', 'Songti SC', serif"
    : "'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif";
