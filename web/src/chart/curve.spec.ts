import { describe, expect, it } from 'vitest';
import type { Point, Series } from '@/api/types';
import { axesOf, axisLabel, chips, nearest, runs, type Line } from './curve';

const H = 3_600_000;
const at = (s: string): number => Date.parse(`${s}+08:00`);
const line = (factor: string, unit: string, ...v: number[]): Line => ({
  series: { factor } as Series,
  label: factor,
  unit,
  slot: 1,
  sampled: false,
  total: v.length,
  points: v.map((x, i): Point => [i * H, x, 'N']),
});

describe('strips and chips', () => {
  const p: Point[] = [
    [0, 1, 'N'],
    [H, 1, 'C'],
    [2 * H, 1, 'C'],
    [3 * H, 1, 'N'],
    [9 * H, 1, 'C'],
  ];
  it('joins neighbours of one flag, parts at gaps', () => {
    expect(runs(p, H)).toEqual([
      { from: 0, to: H, flag: 'N' },
      { from: H, to: 3 * H, flag: 'C' },
      { from: 3 * H, to: 4 * H, flag: 'N' },
      { from: 9 * H, to: 10 * H, flag: 'C' },
    ]);
  });
  it('sets one chip a run', () => expect(chips(p, H).map((x) => x[0])).toEqual([H, 9 * H]));
});

describe('value axes', () => {
  it('one axis for one unit of like size', () =>
    expect(axesOf([line('a', 'μg/m³', 40), line('b', 'μg/m³', 90)]).length).toBe(1));
  it('small values get their own', () => {
    const a = axesOf([line('cod', 'mg/L', 50), line('tp', 'mg/L', 0.1), line('nh3', 'mg/L', 3)]);
    expect(a.map((x) => x.lines.map((l) => l.label))).toEqual([['cod', 'nh3'], ['tp']]);
  });
});

describe('axis of time', () => {
  it('hours end, the day stands under 24', () => {
    expect(axisLabel(at('2026-11-23T10:00:00'), 'hour', 24 * H)).toBe('10');
    expect(axisLabel(at('2026-11-23T00:00:00'), 'hour', 24 * H)).toBe('24\n11-22');
  });
  it('days and minutes', () => {
    expect(axisLabel(at('2026-11-23T00:00:00'), 'day', 30 * 24 * H)).toBe('11-23');
    expect(axisLabel(at('2026-11-01T00:00:00'), 'day', 365 * 24 * H)).toBe('2026-11');
    expect(axisLabel(at('2026-11-23T10:20:00'), 'rtd', 6 * H)).toBe('10:20');
  });
});

it('finds the nearest point', () => {
  const p: Point[] = [
    [0, 1, 'N'],
    [10, 1, 'N'],
    [20, 1, 'N'],
  ];
  expect([-5, 4, 6, 16, 99].map((t) => nearest(p, t)![0])).toEqual([0, 0, 10, 20, 20]);
  expect(nearest([], 1)).toBeNull();
});
