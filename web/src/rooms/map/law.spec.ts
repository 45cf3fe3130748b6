import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { classIn, colourOf, inUnit, lawOf, legendOf, scaleFor, type LimitRow } from './law';

/* The tables as they ship, on a day of 2026-11. */
function table(name: string, day = '2026-11-28'): LimitRow[] {
  const [head, ...lines] = readFileSync(new URL(`../../../../standards/limits/${name}.csv`, import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((l) => l.split(','));
  return lines
    .map(
      (c) =>
        Object.fromEntries(
          head!.map((h, i) => [h, h === 'low' || h === 'high' ? (c[i] ? Number(c[i]) : null) : c[i]]),
        ) as unknown as LimitRow & { valid_from: string; valid_to: string },
    )
    .filter((r) => (!r.valid_from || r.valid_from <= day) && (!r.valid_to || r.valid_to >= day));
}
const [AIR, WATER] = [table('air-aqi'), table('water-class')];
const LEVELS = table('air-levels');
const of = (factor: string) => lawOf(AIR, LEVELS, WATER, factor);

it('fine dust by the hour: HJ 633-2026, and 2012 before', () => {
  expect(of('a34004').air).toMatchObject({ kind: 'aqi', standard: 'HJ 633-2026', ends: [35, 60, 115, 150, 250] });
  expect(lawOf(table('air-aqi', '2025-06-01'), table('air-levels', '2025-06-01'), WATER, 'a34004').air).toMatchObject({
    standard: 'HJ 633-2012',
    ends: [35, 75, 115, 150, 250],
  });
  const s = of('a34004').air!;
  expect([0, 35, 35.1, 60, 61, 150, 151, 251].map((v) => classIn(s, v))).toEqual([1, 1, 2, 2, 3, 4, 5, 6]);
  expect(colourOf(s, 1).fill).toBe('#00E400');
  expect(colourOf(s, 6).fill).toBe('#7E0023');
});
it('water by GB 3838-2002, table 1: phosphorus in rivers and lakes, oxygen the more the better, no classes of pH', () => {
  expect(of('w21011').river!.ends).toEqual([0.02, 0.1, 0.2, 0.3, 0.4]);
  expect(of('w21011').lake!.ends).toEqual([0.01, 0.025, 0.05, 0.1, 0.2]);
  const oxygen = of('w01009').river!;
  expect(oxygen).toMatchObject({ falling: true, ends: [7.5, 6, 5, 3, 2] });
  expect([8, 7.5, 7, 5, 4, 2, 1].map((v) => classIn(oxygen, v))).toEqual([1, 1, 2, 3, 4, 5, 6]);
  expect(of('w01001')).toEqual({ air: null, river: null, lake: null });
  expect(scaleFor(of('w21011'), { kind: 'water', attributes: { body: 'lake' } })!.ends[0]).toBe(0.01);
  expect(scaleFor(of('a21026'), { kind: 'source_air' })).toBeNull(); /* a stack is no air station */
  expect(legendOf(oxygen, 'zh', String)[5]).toEqual({ colour: '#E8584B', label: '劣Ⅴ < 2' });
});
it('a value comes in the unit of the scale, or not at all', () => {
  expect(inUnit({ value: 0.035, unit: 'mg/m3' }, 'ug/m3')).toBe(35);
  expect(inUnit({ value: 35, unit: 'ug/m3' }, 'ug/m3')).toBe(35);
  expect(inUnit({ value: 35, unit: 'mg/L' }, 'ug/m3')).toBeNull();
});
