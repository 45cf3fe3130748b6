import { expect, it } from 'vitest';
import { freshPassword, grantState, matrix, permissionWord, tree } from './rights';

it('permissions are worded by noun and verb, unknown ones stay themselves', () => {
  const words: Record<string, string> = { 'perm.site': '站点', 'perm.v_read': '看' };
  const t = (k: string): string => words[k] ?? k;
  const te = (k: string): boolean => k in words;
  expect(permissionWord('site.read', t, te)).toBe('站点 · 看');
  expect(permissionWord('site.fly', t, te)).toBe('site.fly');
  expect(permissionWord('odd', t, te)).toBe('odd');
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
