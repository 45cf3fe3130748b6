/** Why something is not on the phone, in words. */
export const whyNotKept = (e: unknown, t: (key: string, named: Record<string, unknown>) => string): string =>
  t((e as { name?: string } | null)?.name === 'QuotaExceededError' ? 'fld.full' : 'fld.broken', { why: String(e) });
