import { nextTick } from 'vue';

/** The first field that is wrong is brought into sight. */
export async function toWrong(): Promise<void> {
  await nextTick();
  document.querySelector('.fieldPage .fld.bad')?.scrollIntoView({ block: 'center' });
}
/** Why something is not on the phone, in words. */
export const whyNotKept = (e: unknown, t: (key: string, named: Record<string, unknown>) => string): string =>
  t((e as { name?: string } | null)?.name === 'QuotaExceededError' ? 'fld.full' : 'fld.broken', { why: String(e) });
