import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AQI_FILL, AQI_TEXT, contrast, INK, slots, WATER_FILL, WATER_TEXT } from './palette';
import { FLAG_FILL, flagKind, isNormal } from './flags';

const css = readFileSync(new URL('../app/tokens.css', import.meta.url), 'utf8');
function tokens(theme: string): Record<string, string> {
  const body = new RegExp(`\\[data-theme='${theme}'\\] \\{([^}]*)\\}`).exec(css)![1]!;
  return Object.fromEntries([...body.matchAll(/--([\w-]+): (#[0-9a-f]{6})/g)].map((m) => [m[1]!, m[2]!]));
}

describe.each(['light', 'dark', 'screen'])('theme %s', (theme) => {
  const t = tokens(theme);
  it.each(['ink', 'ink2', 'ink3'])('%s is readable on every ground', (name) => {
    for (const ground of ['page', 'surface', 'sunken'])
      expect(contrast(t[name]!, t[ground]!)).toBeGreaterThanOrEqual(4.5);
  });
  it.each(['jade', 'ochre', 'cinnabar', 'gamboge', 'plum', 'brand'])(
    '%s is readable on its tint and on paper',
    (name) => {
      for (const ground of [`${name}-tint`, 'surface', 'page'])
        expect(contrast(t[name]!, t[ground]!)).toBeGreaterThanOrEqual(4.5);
    },
  );
  it('lines of charts stand off the plot', () => {
    for (let i = 1; i <= 6; i++) expect(contrast(t[`s${i}`]!, t.surface!)).toBeGreaterThanOrEqual(4.5);
  });
  it('edges of inputs reach 3:1', () => expect(contrast(t.edge!, t.surface!)).toBeGreaterThanOrEqual(3));
  it('text on a filled button', () => expect(contrast(t['on-brand']!, t.brand!)).toBeGreaterThanOrEqual(4.5));
  it('the highlight in a frame', () => expect(contrast(t['on-mark']!, t.mark!)).toBeGreaterThanOrEqual(4.5));
});

describe('fixed palettes', () => {
  it('AQI fills are those of HJ 633, appendix A', () => {
    expect(AQI_FILL).toEqual(['#00E400', '#FFFF00', '#FF7E00', '#FF0000', '#99004C', '#7E0023']);
  });
  it('text on AQI and class fills is readable', () => {
    AQI_FILL.forEach((c, i) => expect(contrast(c, AQI_TEXT[i]!)).toBeGreaterThanOrEqual(4.5));
    for (const c of Object.values(WATER_FILL)) expect(contrast(c, WATER_TEXT)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(INK, '#F3F0E7')).toBeGreaterThan(12);
  });
  it('white letters on flag chips', () => {
    for (const c of Object.values(FLAG_FILL)) expect(contrast(c, '#FFFFFF')).toBeGreaterThanOrEqual(4.5);
  });
  it('PM2.5 is always series 1, and no colour is given twice', () => {
    expect(slots(['a21004', 'a34004']).get('a34004')).toBe(1);
    const s = slots(['w01018', 'w01009', 'x', 'y']);
    expect(new Set(s.values()).size).toBe(4);
    expect(s.get('w01018')).toBe(1);
  });
});

describe('flags', () => {
  it('N and nothing are normal', () => {
    expect([isNormal('N'), isNormal(''), isNormal(undefined), isNormal('C')]).toEqual([true, true, true, false]);
  });
  it('every letter of the protocol has a word, unknown ones are shown', () => {
    for (const l of ['C', 'M', 'D', 'B', 'T', 'F', 'S']) expect(flagKind(l)!.counts).toBe(false);
    expect(flagKind('＜45')!.tone).toBe('gamboge');
    expect(flagKind('Z')!.zh).toBe('标记 Z');
    expect(flagKind('N')).toBeNull();
  });
});
