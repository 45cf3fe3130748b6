import { expect, it } from 'vitest';
import en from './en';
import zh from './zh';

function keys(o: object, at = ''): string[] {
  return Object.entries(o).flatMap(([k, v]) => (typeof v === 'object' ? keys(v as object, `${at}${k}.`) : [at + k]));
}
function marks(o: object, at = ''): Record<string, string> {
  return Object.fromEntries(
    Object.entries(o).flatMap(([k, v]) =>
      typeof v === 'object'
        ? Object.entries(marks(v as object, `${at}${k}.`))
        : [
            [
              at + k,
              [...String(v).matchAll(/\{\w+\}/g)]
                .map((m) => m[0])
                .sort()
                .join(),
            ],
          ],
    ),
  );
}

const ROOMS = import.meta.glob<{ zh: object; en: object }>(['/src/rooms/*/locale.ts', '/src/board/locale.ts'], {
  eager: true,
});

it.each(Object.entries(ROOMS))('%s says the same in both languages', (_file, words) => {
  expect(keys(words.en).sort()).toEqual(keys(words.zh).sort());
  expect(marks(words.en)).toEqual(marks(words.zh));
});
it('both languages have the same keys', () => expect(keys(en).sort()).toEqual(keys(zh).sort()));
it('and the same places for values', () => expect(marks(en)).toEqual(marks(zh)));
