import { expect, it } from 'vitest';
import { area, circle, distance, fromGcj, length, metres, readSpot, roundLength, squareMetres, toGcj } from './geodesy';

it('a degree of the meridian is the meridian arc, worked by quadrature', () => {
  expect(distance([118, 32], [118, 33])).toBeCloseTo(110895.6089, 3);
  expect(distance([118, 32], [119, 32])).toBeCloseTo(94492.805, 2);
  expect(distance([118, 32], [118, 32])).toBe(0);
  expect(
    length([
      [118, 32],
      [118, 33],
      [118, 32],
    ]),
  ).toBeCloseTo(221791.218, 2);
});
it('a circle is as wide as it says, and its area that of a circle', () => {
  const c = circle([118.78, 32.05], 1000);
  for (const p of c) expect(distance([118.78, 32.05], p)).toBeCloseTo(1000, 0);
  expect(area(c.slice(0, -1)) / (Math.PI * 1e6)).toBeCloseTo(1, 2);
});
it('GCJ-02 comes back to within a centimetre, some hundred metres away from where it was', () => {
  const p: [number, number] = [118.78, 32.05];
  const g = toGcj(p);
  expect(distance(p, g)).toBeGreaterThan(300);
  expect(distance(p, g)).toBeLessThan(900);
  expect(distance(p, fromGcj(g))).toBeLessThan(0.01);
});
it('places are read as people write them', () => {
  expect(readSpot('118.78, 32.05')).toEqual([118.78, 32.05]);
  expect(readSpot('32.05，118.78')).toEqual([118.78, 32.05]);
  expect(readSpot('118.78')).toBeNull();
  expect(readSpot('a b')).toBeNull();
  expect(readSpot('118, 95')).toBeNull();
});
it('lengths for people', () => {
  expect(metres(12.34)).toBe('12.3 m');
  expect(metres(1234)).toBe('1.23 km');
  expect(squareMetres(1_234_567)).toBe('1.23 km²');
  expect([roundLength(730), roundLength(200), roundLength(99)]).toEqual([500, 200, 50]);
});
