/** Classes with a colour of their own: those that the law colours (AQI levels, classes of water), the severities of alarms, and those that are called by a colour. No style changes them. */
import {
  AQI_FILL,
  AQI_NAME,
  AQI_NAME_EN,
  COLOUR_WORDS,
  ROMAN,
  WATER_FILL,
  token,
  type WaterClass,
} from '@/lib/palette';
import type { Cell, Field } from './types';

type Scale = Record<string, string>;
const of = (...rows: (readonly [string, ...string[]])[]): Scale =>
  Object.fromEntries(rows.flatMap(([colour, ...names]) => names.map((n) => [n.toLowerCase(), colour])));
const WATER_LATIN = ['i', 'ii', 'iii', 'iv', 'v', 'worse_than_v'];

const AQI: Scale = of(...AQI_FILL.map((c, i) => [c, AQI_NAME[i]!, AQI_NAME_EN[i]!] as const));
const WATER: Scale = of(
  ...([1, 2, 3, 4, 5, 6] as WaterClass[]).map(
    (k) => [WATER_FILL[k], ROMAN[k], `${ROMAN[k]}类`, WATER_LATIN[k - 1]!] as const,
  ),
  [WATER_FILL[6], '劣v', '劣v类', 'worse than v'],
);
/* How good a section is (2011 No. 22) takes the colours of its classes. */
const WATER_QUALITY: Scale = of(
  [WATER_FILL[2], '优', 'excellent'],
  [WATER_FILL[3], '良好', 'good'],
  [WATER_FILL[4], '轻度污染', 'light'],
  [WATER_FILL[5], '中度污染', 'medium'],
  [WATER_FILL[6], '重度污染', 'heavy'],
);
/* By the tokens of the page. */
const SEVERITY: Scale = of(
  ...['urgent', 'serious', 'warning', 'notice'].map((n, i) => [`severity-${i + 1}`, n] as const),
);
const COLOURS: Scale = of(
  ...COLOUR_WORDS.map(
    ([hex, ...names]) =>
      [
        hex,
        ...names,
        ...names.flatMap((n) =>
          /^\p{Script=Han}$/u.test(n) ? [`${n}码`, `${n}色`, `${n}色预警`] : [`${n} code`, `${n} warning`],
        ),
      ] as const,
  ),
);
/* 轻度污染 and others stand in two scales with different colours: the first that knows them all is meant. */
const SCALES = [COLOURS, AQI, WATER, WATER_QUALITY, SEVERITY];

/** The names under which a value may be known: its code, its words. */
function names(v: Cell, f: Field): string[] {
  const l = f.labels?.[String(v)];
  return [String(v), l?.zh ?? '', l?.en ?? ''].filter(Boolean).map((z) => z.trim().toLowerCase());
}
/** Colours of a column's values; none unless one scale knows every value. */
export function classColours(f: Field | undefined, values: readonly Cell[]): Map<Cell, string> {
  const out = new Map<Cell, string>();
  const known = [...new Set(values)].filter((v) => v !== null && v !== '');
  if (!f || !known.length || f.type === 'number' || f.type === 'time') return out;
  const scale = SCALES.find((s) => known.every((v) => names(v, f).some((n) => s[n])));
  if (scale)
    for (const v of known) {
      const c = scale[names(v, f).find((n) => scale[n])!]!;
      out.set(v, scale === SEVERITY ? token(c) : c);
    }
  return out;
}
