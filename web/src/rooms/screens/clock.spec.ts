import { describe, expect, it } from 'vitest';
import { best, sample, slew } from './clock';

describe('the clock of a screen', () => {
  it('takes the middle of the round trip', () => {
    expect(sample(1000, 5010, 1020)).toEqual({ offset: 4000, half: 10 });
  });
  it('believes the shortest trip of those it kept', () => {
    const true_ = 4000;
    /* The way there takes 30, back 2: off by 14, within half of 32. A short trip is right to 1. */
    const slow = sample(0, true_ + 30, 32),
      quick = sample(100, true_ + 101, 102);
    expect(Math.abs(slow.offset - true_)).toBeLessThanOrEqual(slow.half);
    expect(best([slow, quick, slow])).toBe(quick);
    expect(best([])).toBeNull();
  });
  it('never runs backwards when a better sample comes', () => {
    let offset = 4000,
      last = 0;
    for (let t = 1000; t < 3000; t += 16) {
      offset = slew(t - 16, offset, 3990, 16);
      expect(t + offset).toBeGreaterThan(last);
      last = t + offset;
    }
    expect(offset).toBeCloseTo(3990, 6);
  });
  it('leaps where it is far off', () => {
    expect(slew(1, 0, 90_000, 16)).toBe(90_000);
    expect(slew(0, 0, 3, 16)).toBe(3);
  });
});
