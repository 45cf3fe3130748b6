import { expect, it } from 'vitest';
import { HELP } from './help';
import { ROUTES } from './routes';

const names = ROUTES.map((r) => String(r.name));

it('each page has its help, and no help is of a page that is gone', () =>
  expect(Object.keys(HELP).sort()).toEqual([...names].sort()));
it('each says what it is for and how it is used, in both languages', () => {
  for (const [name, h] of Object.entries(HELP)) {
    expect(h.zh.length, name).toBeGreaterThan(1);
    expect(h.en.length, name).toBe(h.zh.length);
    expect(
      h.zh.every((x) => /[一-鿿]/.test(x)),
      name,
    ).toBe(true);
    expect(
      h.en.every((x) => !/[一-鿿]/.test(x)),
      name,
    ).toBe(true);
  }
});
