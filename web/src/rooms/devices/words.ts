/** The kind of fault that a device has most of. */
export function mainFault(faults: Record<string, number>): string {
  let best = '';
  for (const [k, n] of Object.entries(faults)) if (n > 0 && (best === '' || n > faults[best]!)) best = k;
  return best;
}

/** The edition of the protocol that a device speaks, as people name it. */
export function profileWord(profile: string, lang: string): string {
  if (profile === '2005') return 'HJ/T 212-2005';
  if (/^\d{4}$/.test(profile)) return `HJ 212-${profile}`;
  if (profile === 'water') return lang === 'en' ? 'water station form' : '地表水站格式';
  return profile;
}
