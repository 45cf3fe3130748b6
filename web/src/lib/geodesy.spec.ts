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

/* GDA Technical Manual: Flinders Peak to Buninyong on GRS 80, whose axes CGCS2000 has too. The rest by GeographicLib on this ellipsoid. */
it('lengths and areas are those of others', () => {
  const dms = (d: number, m: number, s: number): number => d + m / 60 + s / 3600;
  expect(
    distance([dms(144, 25, 29.5244), -dms(37, 57, 3.7203)], [dms(143, 55, 35.3839), -dms(37, 39, 10.1561)]),
  ).toBeCloseTo(54_972.271, 3);
  expect(distance([118.78, 32.05], [118.62, 31.94])).toBeCloseTo(19_426.4202, 3);
  expect(distance([118.78, 32.05], [118.7806, 32.0505])).toBeCloseTo(79.2776, 3);
  const small = area([
    [118.7, 32],
    [118.8, 32],
    [118.82, 32.08],
    [118.72, 32.1],
  ]);
  expect(Math.abs(small / 96_353_182 - 1)).toBeLessThan(2e-5);
  const wide = area([
    [118.4, 31.3],
    [119.2, 31.3],
    [119.2, 32.5],
    [118.4, 32.5],
  ]);
  expect(Math.abs(wide / 10_069_507_076 - 1)).toBeLessThan(2e-5);
});
it('a circle lies where a geodesic of its radius ends', () => {
  for (const [radius, ends] of [
    [
      1000,
      [
        [118.78, 32.059018128],
        [118.790588529, 32.049999558],
      ],
    ],
    [
      10_000,
      [
        [118.832987674, 32.128087777],
        [118.871654404, 32.004876035],
      ],
    ],
  ] as const) {
    const c = circle([118.78, 32.05], radius, 720);
    for (const end of ends) expect(Math.min(...c.map((p) => distance(p, [end[0], end[1]])))).toBeLessThan(radius / 200);
  }
});
it('GCJ-02 is that of others: the values that the open implementations test by', () => {
  for (const [wgs, gcj] of [
    [
      [121.5272106, 31.1774276],
      [121.531541859215, 31.17530398364597],
    ],
    [
      [113.912316, 22.543847],
      [113.9171764808363, 22.540796131694766],
    ],
    [
      [116.377817, 39.911954],
      [116.38404722455657, 39.91334545536069],
    ],
  ] as const) {
    const got = toGcj([wgs[0], wgs[1]]);
    expect(got[0]).toBeCloseTo(gcj[0], 9);
    expect(got[1]).toBeCloseTo(gcj[1], 9);
    const back = fromGcj([gcj[0], gcj[1]]);
    expect(back[0]).toBeCloseTo(wgs[0], 9);
    expect(back[1]).toBeCloseTo(wgs[1], 9);
  }
});
