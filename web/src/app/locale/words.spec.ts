import { describe, expect, it } from 'vitest';
import en from './en';
import zh from './zh';

type Words = { [k: string]: string | Words };
const rooms = import.meta.glob<{ zh: Words; en: Words }>(['../../rooms/*/locale.ts', '../../board/locale.ts'], {
  eager: true,
});
const sources = import.meta.glob<string>(['../../**/*.vue', '../../**/*.ts', '!../../**/*.spec.ts'], {
  eager: true,
  query: '?raw',
  import: 'default',
});

function all(lang: 'zh' | 'en'): Set<string> {
  const out = new Set<string>();
  const walk = (w: Words, at: string) => {
    for (const [k, v] of Object.entries(w)) {
      out.add(at + k);
      if (typeof v === 'object') walk(v, `${at}${k}.`);
    }
  };
  walk((lang === 'zh' ? zh : en) as unknown as Words, '');
  for (const r of Object.values(rooms)) walk(r[lang], '');
  return out;
}

/* Whole keys, and what stands before the first ${} of a made one, up to its last dot. */
function asked(): Map<string, string> {
  const out = new Map<string, string>();
  for (const [file, text] of Object.entries(sources)) {
    for (const m of text.matchAll(/\bt\('([a-zA-Z]\w*(?:\.\w+)+)'/g)) out.set(m[1]!, file);
    for (const m of text.matchAll(/\bt\(`([a-zA-Z]\w*(?:\.\w+)*)\.[^`]*\$\{/g)) out.set(m[1]!, file);
  }
  return out;
}

describe('words', () => {
  for (const lang of ['zh', 'en'] as const)
    it(`has every word that a page asks for: ${lang}`, () => {
      const has = all(lang);
      expect(asked().size).toBeGreaterThan(500);
      expect([...asked()].filter(([k]) => !has.has(k)).map(([k, f]) => `${k} (${f})`)).toEqual([]);
    });
});
