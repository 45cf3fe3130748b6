/** Marks of data quality: the protocol's letters, never renamed, and our own signs. */
export interface FlagKind {
  tone: 'ochre' | 'cinnabar' | 'ink3' | 'gamboge' | 'plum';
  zh: string;
  en: string;
  counts: boolean;
}

const KINDS: Record<string, FlagKind> = {
  C: { tone: 'ochre', zh: '校准', en: 'calibration', counts: false },
  M: { tone: 'ochre', zh: '维护', en: 'maintenance', counts: false },
  D: { tone: 'cinnabar', zh: '故障', en: 'fault', counts: false },
  B: { tone: 'cinnabar', zh: '通信异常', en: 'link fault', counts: false },
  T: { tone: 'cinnabar', zh: '超量程', en: 'out of range', counts: false },
  F: { tone: 'ink3', zh: '停运', en: 'stopped', counts: false },
  S: { tone: 'ink3', zh: '手工设定', en: 'set by hand', counts: false },
  '<': { tone: 'gamboge', zh: '采样不足', en: 'too few samples', counts: false },
  '?': { tone: 'plum', zh: '疑似异常，待审', en: 'doubtful, under review', counts: true },
  '≈': { tone: 'plum', zh: '替代值', en: 'substituted', counts: true },
};

export function isNormal(flag: string | null | undefined): boolean {
  return !flag || flag === 'N' || flag === 'n';
}

/** Null for a normal value; an unknown letter is shown as it came. */
export function flagKind(flag: string | null | undefined): FlagKind | null {
  if (isNormal(flag)) return null;
  const key = flag!.startsWith('＜') || flag!.startsWith('<') ? '<' : flag!;
  return (
    KINDS[key] ?? KINDS[key.toUpperCase()] ?? { tone: 'ink3', zh: `标记 ${flag}`, en: `flag ${flag}`, counts: true }
  );
}

export const FLAG_LEGEND = ['C', 'M', 'D', 'B', 'T', 'F', 'S', '<', '?', '≈'] as const;

/** Fills of the chips, the same in all themes, with white letters (section 3 of the design reference). */
export const FLAG_FILL: Record<FlagKind['tone'], string> = {
  ochre: '#96561F',
  cinnabar: '#B02E22',
  ink3: '#59666B',
  gamboge: '#7D5F00',
  plum: '#6A4A74',
};
