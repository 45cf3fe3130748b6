/** What is read for the field is kept, so that it is there without signal. The newest answer wins; without one the kept stands, with its age. */
import { shelf } from './store';

export interface Kept<T> {
  at: number;
  value: T;
}
export async function kept<T>(key: string, ask: () => Promise<T>): Promise<{ value: T; at: number; fresh: boolean }> {
  try {
    const value = await ask();
    await shelf.put('kept', key, { at: Date.now(), value }).catch(() => undefined);
    return { value, at: Date.now(), fresh: true };
  } catch (e) {
    /* Only where nobody answered: a refusal is an answer. */
    if ((e as { status?: number }).status) throw e;
    const old = await shelf.get<Kept<T>>('kept', key);
    if (!old) throw e;
    return { value: old.value, at: old.at, fresh: false };
  }
}
export const has = async (key: string): Promise<boolean> => !!(await shelf.get('kept', key));
