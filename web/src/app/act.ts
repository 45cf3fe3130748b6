/** One thing at a time that a person does: busy, what went wrong in his language, what was done. */
import { ref, type Ref } from 'vue';
import { ApiError } from '@/api/client';
import { useUi } from './ui';

export function useAct(): {
  busy: Ref<boolean>;
  error: Ref<string>;
  said: Ref<string>;
  act: <T>(f: () => Promise<T>, done?: string) => Promise<T | undefined>;
  why: (e: unknown) => string;
} {
  const ui = useUi();
  const busy = ref(false);
  const error = ref('');
  const said = ref('');
  const why = (e: unknown): string => (e instanceof ApiError ? e.text(ui.lang) : String(e));
  async function act<T>(f: () => Promise<T>, done = ''): Promise<T | undefined> {
    if (busy.value) return undefined;
    busy.value = true;
    error.value = '';
    said.value = '';
    try {
      const r = await f();
      said.value = done;
      return r;
    } catch (e) {
      if ((e as Error).name !== 'AbortError') error.value = why(e);
      return undefined;
    } finally {
      busy.value = false;
    }
  }
  return { busy, error, said, act, why };
}
