import { expect, it } from 'vitest';
import { layout } from './print';

it('a sheet is A4 as the map lies, and nothing on it overlaps or leaves it', () => {
  for (const upright of [false, true]) {
    const s = layout(upright);
    expect(Math.max(s.w, s.h) / Math.min(s.w, s.h)).toBeCloseTo(297 / 210, 2);
    expect(s.h > s.w).toBe(upright);
    for (const b of [s.map, ...s.legend]) {
      expect(b.x).toBeGreaterThan(0);
      expect(b.x + b.w).toBeLessThan(s.w);
      expect(b.y + b.h).toBeLessThan(s.h - 100);
    }
    for (const l of s.legend) expect(l.x >= s.map.x + s.map.w || l.y >= s.map.y + s.map.h).toBe(true);
  }
});
