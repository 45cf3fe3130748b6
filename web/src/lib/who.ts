/** Who did it, in the reader's words: a person has a name, the machine does not. Pure. */
export interface Said {
  (key: 'local' | 'system' | 'module' | 'os' | 'job' | 'script' | 'duplicates', name?: string): string;
}
/** `module` names a module by its id, '' where it is not known. */
export function whoName(name: string | null | undefined, say: Said, module: (id: string) => string): string {
  const z = name ?? '';
  if (z === 'local' || z === 'system' || z === 'duplicates') return say(z);
  const [, kind, rest] = /^(os|job|script):(.*)$/.exec(z) ?? [];
  if (kind) return say(kind as 'os', rest);
  /* The modules act under their own id. */
  if (/^[a-z][a-z_]*\/[a-z][a-z_]*$/.test(z)) return module(z) ? say('module', module(z)) : say('system');
  return z;
}
