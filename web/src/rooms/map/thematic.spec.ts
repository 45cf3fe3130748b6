import { expect, it } from 'vitest';
import { classOf, fifths } from './thematic';

it('fifths hold a fifth each, ties stay together', () => {
  const b = fifths([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(b).toEqual([3, 5, 7, 9]);
  expect([1, 2, 3, 5, 9, 10].map((v) => classOf(b, v))).toEqual([0, 0, 1, 2, 4, 4]);
  expect(fifths([])).toEqual([]);
});
