import { describe, expect, it } from 'vitest';
import en from './en';
import { MADE } from './made';
import zh from './zh';

type Words = { [k: string]: string | Words };
const rooms = import.meta.glob<{ zh: Words; en: Words }>(['../../rooms/*/locale.ts', '../../board/locale.ts'], {
  eager: true,
});
const sources = import.meta.glob<string>(
  ['../../**/*.vue', '../../**/*.ts', '!../../**/*.spec.ts', '!../../**/locale.ts', '!./*.ts'],
  { eager: true, query: '?raw', import: 'default' },
);

/** Whole keys of the words, and what groups them. */
function all(lang: 'zh' | 'en'): { words: Set<string>; groups: Set<string> } {
  const [words, groups] = [new Set<string>(), new Set<string>()];
  const walk = (w: Words, at: string) => {
    for (const [k, v] of Object.entries(w))
      if (typeof v === 'object' && !Array.isArray(v)) {
        groups.add(at + k);
        walk(v, `${at}${k}.`);
      } else words.add(at + k);
  };
  walk((lang === 'zh' ? zh : en) as unknown as Words, '');
  for (const r of Object.values(rooms)) walk(r[lang], '');
  return { words, groups };
}

const NAME = /'([a-zA-Z]\w*(?:\.[\w-]+)+)'/g;
const asked = new Set<string>(); /* by t('...') */
const named = new Set<string>(); /* in any quotes: a page may keep a key before it asks */
const forms = new Set<string>(); /* made ones, * for what is put in */
const roots = new Set([...all('zh').groups].map((g) => g.split('.')[0]!));
for (const text of Object.values(sources)) {
  for (const m of text.matchAll(/\bt\('([a-zA-Z]\w*(?:\.\w+)+)'/g)) asked.add(m[1]!);
  for (const m of text.matchAll(NAME)) named.add(m[1]!);
  for (const m of text.matchAll(/`([a-zA-Z]\w*)\.([\w.]*\$\{[^`]*)`/g))
    if (roots.has(m[1]!)) forms.add(`${m[1]}.${m[2]!.replace(/\$\{[^}]*\}/g, '*')}`);
}
const made = new Set(Object.entries(MADE).flatMap(([form, of]) => of.map((k) => form.replace('*', k))));

describe('words', () => {
  for (const lang of ['zh', 'en'] as const)
    it(`has every word that a page asks for: ${lang}`, () => {
      const { words, groups } = all(lang);
      expect(asked.size).toBeGreaterThan(500);
      expect([...asked, ...made].filter((k) => !words.has(k) && !groups.has(k))).toEqual([]);
    });
  it('keys that are put together are declared, and only those', () =>
    expect([...forms].sort()).toEqual(Object.keys(MADE).sort()));
  it('no word lies unused', () =>
    expect([...all('zh').words].filter((k) => !named.has(k) && !made.has(k))).toEqual([]));
});
