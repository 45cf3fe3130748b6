import { expect, it } from 'vitest';
import { outworn, placed } from './glide';

it('a drawing does until a sixth of the view is bare', () => {
  expect(outworn({ x: 0, y: 0, scale: 1 }, 600, 300)).toBe(false);
  expect(outworn({ x: 100, y: 50, scale: 1 }, 600, 300)).toBe(false);
  expect(outworn({ x: 101, y: 0, scale: 1 }, 600, 300)).toBe(true);
  expect(outworn({ x: -101, y: 0, scale: 1 }, 600, 300)).toBe(true);
  expect(outworn({ x: 0, y: 51, scale: 1 }, 600, 300)).toBe(true);
  expect(outworn({ x: 0, y: -51, scale: 1 }, 600, 300)).toBe(true);
});
it('grown about the middle it covers the view, until its pixels are twice as large', () => {
  expect(outworn({ x: -150, y: -75, scale: 1.5 }, 600, 300)).toBe(false);
  expect(outworn({ x: -360, y: -180, scale: 2.2 }, 600, 300)).toBe(true);
  expect(outworn({ x: 75, y: 37, scale: 0.75 }, 600, 300)).toBe(false);
  expect(outworn({ x: 150, y: 75, scale: 0.5 }, 600, 300)).toBe(true);
});
it('it is laid on whole pixels where nothing is scaled', () => {
  expect(placed({ x: 10.4, y: -3.6, scale: 1 })).toBe('translate(10px, -4px)');
  expect(placed({ x: 10.5, y: 0, scale: 1.25 })).toBe('translate(10.5px, 0px) scale(1.25)');
});
