/** Sites coloured by one factor: by the classes that the law makes of it, and where there are none by the fifths of its values, which compare and do not judge. */
import type { Latest, Site } from '@/api/types';
import { factorLabel, value } from '@/lib/format';
import { INK } from '@/lib/palette';
import { figures, stateOf } from '@/map/face';
import type { Face } from '@/map/symbols';
import { classIn, colourOf, inUnit, scaleFor, type Law, type Scale } from './law';

export const RAMP = ['#FFF7BC', '#FEC44F', '#FE9929', '#D95F0E', '#993404'] as const;
const ink = (i: number): string => (i < 3 ? INK : '#FFFFFF');

export const latestOf = (s: Site, factor: string): Latest | undefined =>
  figures(s.latest).find((l) => l.factor === factor && l.value !== null);

export function factorsOf(sites: readonly Site[], lang: string): { code: string; name: string }[] {
  const n = new Map<string, { l: Latest; n: number }>();
  for (const s of sites)
    for (const l of figures(s.latest)) {
      const had = n.get(l.factor);
      if (had) had.n++;
      else n.set(l.factor, { l, n: 1 });
    }
  return [...n.entries()]
    .filter(([, x]) => x.n >= 5)
    .sort((a, b) => b[1].n - a[1].n)
    .slice(0, 24)
    .map(([code, x]) => ({ code, name: factorLabel(x.l, lang) }));
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
    const f: Face = {
      kind: s.kind.startsWith('source') ? 'source' : s.kind,
      state: stateOf(s, now),
      text: '',
      fill: '',
      ink: '',
    };
    if (l?.value == null) return f;
    const i = classOf(bounds, l.value);
    return { ...f, text: value(l.value, factor).slice(0, 4), fill: RAMP[i]!, ink: ink(i) };
  };
}

/** The scales that hold for sites which have the factor: by them it is coloured, if there is one. */
export function scalesIn(sites: readonly Site[], factor: string, law: Law | null): Scale[] {
  return law
    ? [
        ...new Set(
          sites
            .filter((s) => latestOf(s, factor))
            .map((s) => scaleFor(law, s))
            .filter((x): x is Scale => !!x),
        ),
      ]
    : [];
}
export function lookByLaw(factor: string, law: Law, now: number): (s: Site) => Face {
  return (s) => {
    const l = latestOf(s, factor);
    const f: Face = {
      kind: s.kind.startsWith('source') ? 'source' : s.kind,
      state: stateOf(s, now),
      text: l ? value(l.value, factor).slice(0, 4) : '',
      fill: '',
      ink: '',
    };
    const scale = l && scaleFor(law, s);
    const v = scale ? inUnit(l, scale.unit) : null;
    return scale && v !== null ? { ...f, ...colourOf(scale, classIn(scale, v)) } : f;
  };
}
