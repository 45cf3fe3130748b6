/**
 * Replays a published draw in the browser, from modules/enforcement/inspections/README.md alone: the reader's own machine
 * works it out, and the server is asked for nothing but the material. Whole numbers throughout.
 */
import { sm3 } from './sm3';

export interface DrawRow {
  object: string;
  area?: string;
  class?: string;
  officers?: string;
  widened?: boolean;
}
export interface DrawSwap {
  object: string;
  outgoing: string;
  incoming?: string | null;
  position?: number;
  reason?: string;
}
export interface DrawKit {
  draw: string;
  day: string;
  rule: { key_percent: number; general_per_officer: number; officers_per_object: number };
  objects?: string;
  officers?: string;
  objects_digest: string;
  officers_digest: string;
  secret_digest: string;
  public_source?: string;
  public_number: string;
  secret?: string | null;
  seed: string;
  results?: DrawRow[];
  position: number;
  swaps?: DrawSwap[];
  quarter?: string;
  frozen_at?: string;
}
export const STEPS = ['order', 'objects', 'officers', 'secret', 'seed', 'results', 'position', 'swaps'] as const;
export type Step = (typeof STEPS)[number];
/** ok: null when a step before it failed, and it was not reached. */
export interface Finding {
  step: Step;
  ok: boolean | null;
  n?: number;
  where?: string;
  published?: string;
  replayed?: string;
}

interface Firm {
  code: string;
  area: string;
  cls: string;
  weight: number;
  exempt: boolean;
  name: string;
}
interface Officer {
  id: string;
  valid: string;
  areas: string[];
  leave: boolean;
  cap: number;
  avoid: string[];
  last: string[];
  load: number;
}

const utf8 = (s: string): Uint8Array => new TextEncoder().encode(s);
const digest = (s: string): string => sm3(utf8(s));
const list = (s: string | undefined): string[] => (s ? s.split(',') : []);
const lines = (s: string | undefined): string[][] =>
  (s ?? '')
    .split('\n')
    .filter(Boolean)
    .map((l) => l.split('|'));
const before = (a: string, b: string): boolean => {
  const x = utf8(a),
    y = utf8(b);
  for (let i = 0; i < x.length && i < y.length; i++) if (x[i] !== y[i]) return x[i]! < y[i]!;
  return x.length < y.length;
};
const ascending = (all: Iterable<string>): string[] =>
  [...new Set(all)].sort((a, b) => (before(a, b) ? -1 : a === b ? 0 : 1));

const firmsOf = (text?: string): Firm[] =>
  lines(text).map(([code, area, cls, weight, exempt, name]) => ({
    code: code!,
    area: area!,
    cls: cls!,
    weight: Number(weight),
    exempt: !!exempt,
    name: name ?? '',
  }));
const officersOf = (text?: string): Officer[] =>
  lines(text).map((c) => ({
    id: c[0]!,
    valid: c[2]!,
    areas: list(c[3]),
    leave: !!c[4],
    cap: Number(c[5]),
    avoid: list(c[6]),
    last: list(c[7]),
    load: 0,
  }));

/** Words of 64 bits: block i is SM3(seed, i as eight bytes), four words each. */
class Stream {
  position = 0n;
  private readonly seed: Uint8Array;
  constructor(seed: string) {
    this.seed = Uint8Array.from(seed.match(/../g) ?? [], (x) => parseInt(x, 16));
  }
  private word(): bigint {
    const block = new Uint8Array(this.seed.length + 8);
    block.set(this.seed);
    new DataView(block.buffer).setBigUint64(this.seed.length, this.position / 4n);
    const at = 16 * Number(this.position++ % 4n);
    return BigInt(`0x${sm3(block).slice(at, at + 16)}`);
  }
  below(n: number): number {
    const most = (2n ** 64n / BigInt(n)) * BigInt(n);
    let w = this.word();
    while (w >= most) w = this.word();
    return Number(w % BigInt(n));
  }
  some<T>(all: readonly T[], k: number): T[] {
    const a = [...all];
    for (let j = 0; j < k; j++) {
      const r = j + this.below(a.length - j);
      [a[j], a[r]] = [a[r]!, a[j]!];
    }
    return a.slice(0, k);
  }
  weighted(all: readonly Firm[], k: number): Firm[] {
    const left = [...all],
      out: Firm[] = [];
    while (out.length < k) {
      const x = this.below(left.reduce((s, o) => s + o.weight, 0));
      let sum = 0;
      out.push(
        ...left.splice(
          left.findIndex((o) => (sum += o.weight) > x),
          1,
        ),
      );
    }
    return out;
  }
}

/** Those who may go, from whom n are drawn: of the area and not there last time, of the area, or of the whole city. */
function pairFor(
  s: Stream,
  officers: readonly Officer[],
  firm: Firm,
  day: string,
  n: number,
  not: readonly string[],
): { ids: string[]; widened: boolean } {
  const able = officers.filter(
    (o) => o.valid >= day && !o.leave && o.load < o.cap && !o.avoid.includes(firm.code) && !not.includes(o.id),
  );
  const own = able.filter((o) => o.areas.includes(firm.area));
  const fresh = own.filter((o) => !o.last.includes(firm.code));
  const pool = fresh.length >= n ? fresh : own.length >= n ? own : able;
  const got = s.some(pool, Math.min(n, pool.length));
  for (const o of got) o.load++;
  return { ids: got.map((o) => o.id), widened: own.length < n };
}

interface Replay {
  rows: Required<DrawRow>[];
  stream: Stream;
  officers: Officer[];
  firms: Firm[];
}
function replay(kit: DrawKit): Replay {
  const firms = firmsOf(kit.objects),
    officers = officersOf(kit.officers),
    stream = new Stream(kit.seed),
    drawn: Firm[] = [];
  for (const area of ascending(firms.map((o) => o.area))) {
    const there = firms.filter((o) => o.area === area),
      people = officers.filter((o) => o.areas.includes(area)).length;
    for (const cls of ascending(there.map((o) => o.cls))) {
      const group = there.filter((o) => o.cls === cls && !o.exempt),
        n = group.length;
      const k =
        cls === 'key'
          ? Math.ceil((kit.rule.key_percent * n) / 100)
          : cls === 'special'
            ? n
            : Math.min(n, Math.ceil((kit.rule.general_per_officer * people) / 4));
      drawn.push(...(group.every((o) => o.weight === 1000) ? stream.some(group, k) : stream.weighted(group, k)));
    }
  }
  const rows = drawn.map((o) => {
    const p = pairFor(stream, officers, o, kit.day, kit.rule.officers_per_object, []);
    return { object: o.code, area: o.area, class: o.cls, officers: p.ids.join(','), widened: p.widened };
  });
  return { rows, stream, officers, firms };
}

type Differs = { where: string; published: string; replayed: string } | null;
const differs = (where: string, published: unknown, replayed: unknown): Differs =>
  String(published ?? '') === String(replayed ?? '')
    ? null
    : { where, published: String(published ?? ''), replayed: String(replayed ?? '') };
function outOfOrder(text?: string): Differs {
  const codes = lines(text).map((r) => r[0]!);
  const i = codes.findIndex((c, k) => k > 0 && !before(codes[k - 1]!, c));
  return i < 0 ? null : { where: `${i + 1}`, published: codes[i]!, replayed: '' };
}
const rowText = (r: DrawRow | undefined): string =>
  r ? [r.object, r.area, r.class, r.officers, r.widened ? '+' : ''].join(' ') : '';
function rowsDiffer(published: readonly DrawRow[], rows: readonly DrawRow[]): Differs {
  for (let i = 0; i < Math.max(published.length, rows.length); i++) {
    const d = differs(`${i + 1}`, rowText(published[i]), rowText(rows[i]));
    if (d) return d;
  }
  return null;
}
function swapsDiffer(kit: DrawKit, r: Replay): Differs {
  for (const [i, s] of (kit.swaps ?? []).entries()) {
    const row = r.rows.find((x) => x.object === s.object),
      firm = r.firms.find((x) => x.code === s.object),
      out = r.officers.find((x) => x.id === s.outgoing);
    if (!row || !firm || !out || !list(row.officers).includes(s.outgoing))
      return { where: `${i + 1}`, published: `${s.object} ${s.outgoing}`, replayed: '' };
    out.load--;
    const got = pairFor(r.stream, r.officers, firm, kit.day, 1, list(row.officers)).ids[0];
    const d = differs(`${i + 1}`, `${s.incoming ?? '-'} ${s.position}`, `${got ?? '-'} ${r.stream.position}`);
    if (d) return d;
    row.officers = list(row.officers)
      .flatMap((x) => (x === s.outgoing ? (got ? [got] : []) : [x]))
      .join(',');
  }
  return null;
}

/** Step by step; behind the first that fails nothing means anything. */
export function verifyDraw(kit: DrawKit): Finding[] {
  let r: Replay | null = null;
  const whole = (): Replay => (r ??= replay(kit));
  const checks: Record<Step, () => Differs> = {
    order: () => outOfOrder(kit.objects) ?? outOfOrder(kit.officers),
    objects: () => differs('', kit.objects_digest, digest(kit.objects ? `${kit.objects}\n` : '')),
    officers: () => differs('', kit.officers_digest, digest(kit.officers ? `${kit.officers}\n` : '')),
    secret: () => (kit.secret ? differs('', kit.secret_digest, digest(kit.secret)) : null),
    seed: () =>
      differs(
        '',
        kit.seed,
        digest(
          [kit.objects_digest, kit.officers_digest, kit.draw, kit.public_number, kit.secret || '-']
            .map((l) => `${l}\n`)
            .join(''),
        ),
      ),
    results: () => rowsDiffer(kit.results ?? [], whole().rows),
    position: () => differs('', kit.position, whole().stream.position),
    swaps: () => swapsDiffer(kit, whole()),
  };
  let failed = false;
  return STEPS.map((step) => {
    if (failed) return { step, ok: null };
    const d = checks[step]();
    failed = !!d;
    return {
      step,
      ok: !d,
      ...(d ?? {}),
      n:
        step === 'objects'
          ? lines(kit.objects).length
          : step === 'officers'
            ? lines(kit.officers).length
            : step === 'results'
              ? (kit.results ?? []).length
              : step === 'swaps'
                ? (kit.swaps ?? []).length
                : undefined,
    };
  });
}
