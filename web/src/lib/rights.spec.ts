import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { en, zh } from '@/rooms/admin/locale';
import { actionWord, freshPassword, grantState, matrix, permissionWord, rightWords, tree } from './rights';

it('permissions are worded by noun and verb, unknown ones stay themselves', () => {
  const words: Record<string, string> = { 'perm.site': '站点', 'perm.v_read': '看' };
  const t = (k: string): string => words[k] ?? k;
  const te = (k: string): boolean => k in words;
  expect(permissionWord('site.read', t, te)).toBe('站点 · 看');
  expect(permissionWord('site.fly', t, te)).toBe('site.fly');
  expect(permissionWord('odd', t, te)).toBe('odd');
});
it('a right is called by the name that the server gives it', () => {
  const csv = readFileSync(new URL('../../../src/serve/access/rights.csv', import.meta.url), 'utf8');
  const { zh: right, en: rightEn } = rightWords(csv);
  const words: Record<string, string> = {
    'right.calc_read': right.calc_read!,
    'perm.calc': '计算',
    'perm.v_read': '看',
  };
  expect(
    permissionWord(
      'calc.read',
      (k) => words[k] ?? k,
      (k) => k in words,
    ),
  ).toBe('看计算器');
  expect(Object.keys(right).length).toBeGreaterThan(40);
  expect(Object.values(right).every((w) => /[一-鿿]/.test(w))).toBe(true);
  expect(Object.values(rightEn).every((w) => /^[a-z -]+$/i.test(w))).toBe(true);
});

/** All that the audit may say was done: the rights of the ways in, what the program notes by itself, commands. */
function actions(): string[] {
  const src = new URL('../../../src/', import.meta.url);
  const all = new Set<string>();
  for (const file of readdirSync(src, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.c')) continue;
    const text = readFileSync(new URL(file, src), 'utf8');
    for (const m of text.matchAll(/\.action = SS_STR\("([a-z._]+)"\)/g)) all.add(m[1]!);
    if (/serve\/api\/.*routes\.c$/.test(file)) for (const m of text.matchAll(/"([a-z]+\.[a-z_]+)"/g)) all.add(m[1]!);
    if (file === 'cmd/main.c')
      for (const m of /audited\[\] = \{([^}]*)\}/.exec(text)![1]!.matchAll(/"([^"]+)"/g)) all.add(m[1]!);
  }
  return [...all].sort();
}
it.each([
  ['zh', zh.perm],
  ['en', en.perm],
] as const)('every act of the audit has words: %s', (_lang, perm) => {
  const words = perm as Record<string, string>;
  const list = actions();
  for (const a of ['case.act', 'audit.spool', 'node.restore', 'thing.create', 'device import'])
    expect(list).toContain(a);
  const raw = list.filter(
    (a) =>
      actionWord(
        a,
        (k) => words[k.slice(5)]!,
        (k) => k.slice(5) in words,
      ) === a,
  );
  expect(raw).toEqual([]);
});

it('the matrix has every permission once, nouns together', () => {
  const m = matrix([
    { role: 'a', permissions: 'site.read user.read' },
    { role: 'b', permissions: 'user.write site.read' },
    { role: 'c', permissions: '' },
  ]);
  expect(m.permissions).toEqual(['site.read', 'user.read', 'user.write']);
  expect(m.has('user.write', 'b')).toBe(true);
  expect(m.has('user.write', 'a')).toBe(false);
  expect(m.has('site.read', 'c')).toBe(false);
});

it('a grant is in force, about to end, ended, taken back, or not begun', () => {
  const now = Date.parse('2026-11-27T12:00:00+08:00');
  const g = (from: string, to: string | null, revoked: string | null = null) =>
    grantState({ active: true, from, to, revoked }, now);
  expect(g('2026-01-01T00:00:00+08:00', null)).toBe('active');
  expect(g('2026-01-01T00:00:00+08:00', '2026-12-10T00:00:00+08:00')).toBe('soon');
  expect(g('2026-01-01T00:00:00+08:00', '2026-11-27T11:59:00+08:00')).toBe('expired');
  expect(g('2026-12-01T00:00:00+08:00', null)).toBe('pending');
  expect(g('2026-01-01T00:00:00+08:00', null, '2026-02-01T00:00:00+08:00')).toBe('revoked');
});

it('a made password has all four classes and its length', () => {
  for (let i = 0; i < 50; i++) {
    const p = freshPassword();
    expect(p).toHaveLength(18);
    for (const c of [/[A-Z]/, /[a-z]/, /\d/, /[^A-Za-z0-9]/]) expect(p).toMatch(c);
  }
  expect(freshPassword()).not.toBe(freshPassword());
});

it('a tree keeps order, shows orphans at the top and survives circles', () => {
  const rows = tree([
    { id: '1', parent: '', name: 'a' },
    { id: '2', parent: '1', name: 'b' },
    { id: '3', parent: 'x', name: 'c' },
    { id: '4', parent: '2', name: 'd' },
  ]);
  expect(rows.map((r) => `${r.item.id}${r.depth}`)).toEqual(['10', '21', '42', '30']);
  expect(
    tree([
      { id: '1', parent: '2', name: 'a' },
      { id: '2', parent: '1', name: 'b' },
    ]),
  ).toHaveLength(2);
});
