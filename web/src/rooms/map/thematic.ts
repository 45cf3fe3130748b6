/** Sites coloured by the fifths of one factor's values in view of the whole set: a comparison, not a judgement. */
import type { Latest, Site } from '@/api/types';
import { factorLabel, value } from '@/lib/format';
import { INK } from '@/lib/palette';
import { figures, stateOf } from '@/map/face';
import type { Face } from '@/map/symbols';

export const RAMP = ['#FFF7BC', '#FEC44F', '#FE9929', '#D95F0E', '#993404'] as const;
const ink = (i: number): string => (i < 3 ? INK : '#FFFFFF');

export const latestOf = (s: Site, factor: string): Latest | undefined => figures(s.latest).find((l) => l.factor === factor && l.value !== null);

export function factorsOf(sites: readonly Site[], lang: string): { code: string; name: string }[] {
  const n = new Map<string, { l: Latest; n: number }>();
  for (const s of sites) for (const l of figures(s.latest)) {
    const had = n.get(l.factor);
    if (had) had.n++; else n.set(l.factor, { l, n: 1 });
  }
  return [...n.entries()].filter(([, x]) => x.n >= 5).sort((a, b) => b[1].n - a[1].n).slice(0, 24).map(([code, x]) => ({ code, name: factorLabel(x.l, lang) }));
}

/** Upper bounds of the first four fifths. */
export function fifths(values: readonly number[]): number[] {
  const v = [...values].sort((a, b) => a - b);
  return v.length ? [0.2, 0.4, 0.6, 0.8].map((q) => v[Math.min(v.length - 1, Math.floor(q * v.length))]!) : [];
}
export const classOf = (bounds: readonly number[], v: number): number => bounds.filter((b) => v >= b).length;

export function look(factor: string, bounds: readonly number[], now: number): (s: Site) => Face {
  return (s) => {
    const l = latestOf(s, factor);
    const f: Face = { kind: s.kind.startsWith('source') ? 'source' : s.kind, state: stateOf(s, now), text: '', fill: '', ink: '' };
    if (l?.value == null) return f;
    const i = classOf(bounds, l.value);
    return { ...f, text: value(l.value, factor).slice(0, 4), fill: RAMP[i]!, ink: ink(i) };
  };
}
