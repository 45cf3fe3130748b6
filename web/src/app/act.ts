/** One thing at a time that a person does: busy, what went wrong in his language, what was done. */
import { ref, type Ref } from 'vue';
import { ApiError } from '@/api/client';
import { useUi } from './ui';

interface Doing {
  busy: Ref<boolean>;
  error: Ref<string>;
  said: Ref<string>;
  act: <T>(f: () => Promise<T>, done?: string) => Promise<T | undefined>;
  why: (e: unknown) => string;
}
export function useAct(): Doing {
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

/** Reading: what is asked for while it reads is read right behind it, so that no wish is lost. Of several the newest is read; all get its answer. */
export function useRead(): Pick<Doing, 'busy' | 'error'> & { act: <T>(f: () => Promise<T>) => Promise<T | undefined> } {
  const { busy, error, act: one } = useAct();
  let wish: (() => Promise<unknown>) | null = null;
  let reading: Promise<unknown> | null = null;
  async function all(): Promise<unknown> {
    let r: unknown;
    for (let f = wish; f; f = wish) {
      wish = null;
      r = await one(f);
    }
    reading = null;
    return r;
  }
  function act<T>(f: () => Promise<T>): Promise<T | undefined> {
    wish = f;
    reading ??= all();
    return reading as Promise<T | undefined>;
  }
  return { busy, error, act };
}
