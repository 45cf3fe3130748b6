/** Palettes fixed by law and custom: the same in all themes (section 3 of the design reference). */
/** Classes I to V of surface water, 6 = worse than V. */
export type WaterClass = 1 | 2 | 3 | 4 | 5 | 6;
export const ROMAN: Record<WaterClass, string> = { 1: 'Ⅰ', 2: 'Ⅱ', 3: 'Ⅲ', 4: 'Ⅳ', 5: 'Ⅴ', 6: '劣Ⅴ' };
/** As the reader writes it: Ⅲ is Ⅲ in both languages, worse than Ⅴ is not. */
export const romanOf = (c: WaterClass, lang: string): string => (c === 6 && lang === 'en' ? '>Ⅴ' : ROMAN[c]);

export const INK = '#1B2A2F';
export const AQI_FILL = ['#00E400', '#FFFF00', '#FF7E00', '#FF0000', '#99004C', '#7E0023'] as const;
export const AQI_TEXT = ['#0A0F10', '#0A0F10', '#0A0F10', '#0A0F10', '#FFFFFF', '#FFFFFF'] as const;
export const AQI_NAME = ['优', '良', '轻度污染', '中度污染', '重度污染', '严重污染'] as const;
export const AQI_NAME_EN = ['Excellent', 'Good', 'Light', 'Moderate', 'Heavy', 'Severe'] as const;
export const WATER_FILL: Record<WaterClass, string> = {
  1: '#A9DCF3',
  2: '#4FA9DE',
  3: '#4DB876',
  4: '#F4D64A',
  5: '#F2943A',
  6: '#E8584B',
};
export const WATER_TEXT = '#0A0F10';
/** What a class that is called by a colour is drawn in. */
export const COLOUR_WORDS = [
  ['#3E9B5F', 'green', '绿'],
  ['#3B82C4', 'blue', '蓝'],
  ['#F2C94C', 'yellow', '黄'],
  ['#F2943A', 'orange', '橙'],
  ['#D64535', 'red', '红'],
  ['#2B2B2B', 'black', '黑'],
  ['#7A4A9C', 'purple', '紫'],
  ['#9AA0A0', 'grey', 'gray', '灰'],
  ['#FFFFFF', 'white', '白'],
] as const;

/** The place of a factor in the order of chart colours; by role and stable, so that PM2.5 is always series 1. */
const ROLE: Record<string, number> = {
  a34004: 1,
  a34002: 2,
  a05024: 3,
  a21004: 4,
  a21026: 5,
  a21005: 6,
  w01018: 1,
  w21003: 2,
  w21011: 3,
  w21001: 4,
  w01001: 5,
  w00000: 6,
  w01009: 1,
  w01019: 6,
};

/** Colour slots 1-6 for the chosen factors: fixed roles first, the others take what is left. */
export function slots(factors: readonly string[]): Map<string, number> {
  const out = new Map<string, number>();
  const used = new Set<number>();
  for (const f of factors) {
    const r = ROLE[f];
    if (r && !used.has(r)) {
      out.set(f, r);
      used.add(r);
    }
  }
  for (const f of factors) {
    if (out.has(f)) continue;
    const free = [1, 2, 3, 4, 5, 6].find((n) => !used.has(n)) ?? 1;
    out.set(f, free);
    used.add(free);
  }
  return out;
}

/** The colour at a part of the way from one to another. */
export function mixed([a, b]: readonly [string, string], part: number): string {
  const of = (c: string, i: number): number => parseInt(c.slice(1 + 2 * i, 3 + 2 * i), 16);
  return `#${[0, 1, 2]
    .map((i) =>
      Math.round(of(a, i) + (of(b, i) - of(a, i)) * part)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}
/** Which of two can better be read on a ground. */
export const legible = (ground: string, a: string, b: string): string =>
  contrast(ground, a) >= contrast(ground, b) ? a : b;
/** WCAG 2.1 contrast of two #RRGGBB colours. */
export function contrast(a: string, b: string): number {
  const lum = (hex: string): number => {
    const [r, g, bl] = [1, 3, 5].map((i) => {
      const c = parseInt(hex.slice(i, i + 2), 16) / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
    return 0.2126 * r + 0.7152 * g + 0.0722 * bl;
  };
  const [x, y] = [lum(a), lum(b)].sort((m, n) => n - m) as [number, number];
  return (x + 0.05) / (y + 0.05);
}

/** A token's present value, for canvas drawing where CSS variables do not reach; of the page, or of a part with a theme of its own. */
export function token(name: string, within?: Element | null): string {
  return getComputedStyle(within ?? document.documentElement)
    .getPropertyValue(`--${name}`)
    .trim();
}
