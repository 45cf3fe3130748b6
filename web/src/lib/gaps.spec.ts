import { describe, expect, it } from 'vitest';
import { broken, commonGaps, gaps, tailGap, usualStep } from './gaps';

const H = 3_600_000;
const hours = (...h: number[]): [number, number][] => h.map((x) => [x * H, 1]);

describe('gaps', () => {
  it('finds none in an even list, nor in jitter', () => {
    expect(gaps(hours(0, 1, 2, 3), H)).toEqual([]);
    expect(gaps(hours(0, 1.2, 2, 3.3), H)).toEqual([]);
  });
  it('counts what is missing', () => {
    expect(gaps(hours(0, 1, 4, 5), H)).toEqual([{ from: H, to: 4 * H, missing: 2 }]);
  });
  it('a point without a value is missing', () => {
    expect(
      gaps(
        [
          [0, 1],
          [H, null],
          [2 * H, 1],
        ],
        H,
      ),
    ).toEqual([{ from: 0, to: 2 * H, missing: 1 }]);
  });
  it('says nothing without a step', () => {
    expect(gaps(hours(0, 9), null)).toEqual([]);
    expect(gaps([], H)).toEqual([]);
  });
  it('takes the median as the step', () => {
    expect(usualStep([0, 60, 120, 180, 5000, 5060])).toBe(60);
    expect(usualStep([0, 60])).toBeNull();
    expect(usualStep([0, 0, 0])).toBeNull();
  });
  it('a four-hourly station has no gaps between its hours', () => {
    const p = hours(0, 4, 8, 12, 20);
    expect(gaps(p, usualStep(p.map((x) => x[0])))).toEqual([{ from: 12 * H, to: 20 * H, missing: 1 }]);
  });
  it('the tail up to now is a gap, the future is not', () => {
    expect(tailGap(0, 10 * H, 6 * H, H)).toEqual({ from: 0, to: 6 * H, missing: 5 });
    expect(tailGap(0, 10 * H, 2 * H, H)).toBeNull();
    expect(tailGap(null, 10 * H, 2 * H, H)).toBeNull();
  });
  it('only what every factor misses is common', () => {
    const a = [
      { from: 0, to: 4, missing: 3 },
      { from: 10, to: 12, missing: 1 },
    ];
    const b = [{ from: 2, to: 6, missing: 3 }];
    expect(commonGaps([a, b])).toEqual([{ from: 2, to: 4, missing: 3 }]);
    expect(commonGaps([])).toEqual([]);
  });
  it('the line is broken once inside each gap and never joined', () => {
    const p = hours(0, 1, 4, 5);
    const out = broken(p, gaps(p, H));
    expect(out.map((x) => x[1])).toEqual([1, 1, null, 1, 1]);
    expect(out[2]![0]).toBe(2.5 * H);
  });
});
