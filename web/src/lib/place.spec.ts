import { expect, it } from 'vitest';
import { kilometres } from './place';

/* Vincenty's inverse on WGS 84: Nanjing to Beijing (118.7969, 32.0603; 116.4074, 39.9042) is 896.5 km. */
it('is the distance of two cities within half a percent', () => {
  const d = kilometres({ lon: 118.7969, lat: 32.0603 }, { lon: 116.4074, lat: 39.9042 });
  expect(Math.abs(d - 896.5) / 896.5).toBeLessThan(0.005);
});
it('is nought to itself', () => expect(kilometres({ lon: 118, lat: 32 }, { lon: 118, lat: 32 })).toBe(0));
