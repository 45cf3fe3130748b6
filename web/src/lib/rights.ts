/** Permissions as people read them; grants as they stand today. */
export type Say = (key: string) => string;

/** The names of the rights, src/serve/access/rights.csv, as words of a language: "site.read" under `right.site_read`. */
export function rightWords(csv: string): { zh: Record<string, string>; en: Record<string, string> } {
  const out = { zh: {} as Record<string, string>, en: {} as Record<string, string> };
  for (const line of csv.trim().split('\n').slice(1)) {
    const [id, zh, en] = line.split(',') as [string, string, string];
    out.zh[id.replace('.', '_')] = zh;
    out.en[id.replace('.', '_')] = en;
  }
  return out;
}

/** A right by its name; what only the audit says, as "noun · verb"; what has no word is shown as it is. */
export function permissionWord(p: string, t: Say, te: (key: string) => boolean): string {
  const own = `right.${p.replace('.', '_')}`;
  if (te(own)) return t(own);
  const [noun, verb] = p.split('.') as [string, string | undefined];
  if (!verb || !te(`perm.${noun}`) || !te(`perm.v_${verb}`)) return p;
  return `${t(`perm.${noun}`)} · ${t(`perm.v_${verb}`)}`;
}

/** An act of the audit: a right, or a command of this machine ("device import"). */
export function actionWord(a: string, t: Say, te: (key: string) => boolean): string {
  const name = a.replaceAll(' ', '_');
  return te(`perm.c_${name}`) ? t(`perm.c_${name}`) : permissionWord(a, t, te);
}

export interface Column {
  role: string;
  permissions: string;
}
export interface Matrix {
  permissions: string[];
  has: (permission: string, role: string) => boolean;
}

/** Every permission that some role has, by noun, in the order in which they are first met. */
export function matrix(roles: readonly Column[]): Matrix {
  const sets = new Map(roles.map((r) => [r.role, new Set(r.permissions.split(' ').filter(Boolean))]));
  const nouns: string[] = [];
  const all = new Set<string>();
  for (const s of sets.values())
    for (const p of s) {
      all.add(p);
      const noun = p.split('.')[0]!;
      if (!nouns.includes(noun)) nouns.push(noun);
    }
  const permissions = [...all].sort(
    (a, b) => nouns.indexOf(a.split('.')[0]!) - nouns.indexOf(b.split('.')[0]!) || (a < b ? -1 : 1),
  );
  return { permissions, has: (p, r) => !!sets.get(r)?.has(p) };
}

export type GrantState = 'active' | 'soon' | 'revoked' | 'expired' | 'pending';
export function grantState(
  g: { active: boolean; revoked: string | null; from: string; to: string | null },
  now: number,
): GrantState {
  if (g.revoked) return 'revoked';
  const to = g.to ? Date.parse(g.to) : Infinity;
  if (to <= now) return 'expired';
  if (Date.parse(g.from) > now) return 'pending';
  return to - now < 30 * 86_400_000 ? 'soon' : 'active';
}

/** A password that the rules accept: all four classes, no characters that are read wrongly. */
export function freshPassword(
  length = 18,
  random: (n: number) => Uint32Array = (n) => crypto.getRandomValues(new Uint32Array(n)),
): string {
  const classes = ['ABCDEFGHJKLMNPQRSTUVWXYZ', 'abcdefghijkmnpqrstuvwxyz', '23456789', '!#%+-=?@'];
  const pick = (s: string, r: number): string => s[r % s.length]!;
  const r = random(length * 2);
  const out = Array.from({ length }, (_, i) => pick(i < 4 ? classes[i]! : classes.join(''), r[i]!));
  for (let i = length - 1; i > 0; i--) {
    const k = r[length + i]! % (i + 1);
    [out[i], out[k]] = [out[k]!, out[i]!];
  }
  return out.join('');
}

export interface Node<T> {
  item: T;
  depth: number;
}
/** A tree as rows with depth; what names a parent that is not there stands at the top. A circle is broken where it is met. */
export function tree<T extends { id: string; parent: string; name: string }>(items: readonly T[]): Node<T>[] {
  const ids = new Set(items.map((i) => i.id));
  const by = new Map<string, T[]>();
  for (const i of items) {
    const up = ids.has(i.parent) ? i.parent : '';
    by.set(up, [...(by.get(up) ?? []), i]);
  }
  const out: Node<T>[] = [];
  const seen = new Set<string>();
  const walk = (up: string, depth: number): void => {
    for (const item of by.get(up) ?? []) {
      if (seen.has(item.id)) continue;
      seen.add(item.id);
      out.push({ item, depth });
      walk(item.id, depth + 1);
    }
  };
  walk('', 0);
  for (const item of items)
    if (!seen.has(item.id)) {
      seen.add(item.id);
      out.push({ item, depth: 0 });
      walk(item.id, 1);
    }
  return out;
}
