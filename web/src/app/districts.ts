/** Names of districts in the reader's language, read once. */
import { shallowRef } from 'vue';
import { api, passing } from '@/api/client';
import type { District } from '@/api/types';
import { later } from './follow';
import { useUi } from './ui';

const list = shallowRef<District[]>([]);
let asked = false;

/* Names are an extra: without them the Chinese name that came with the object is shown. */
function read(): void {
  api.districts().then(
    (d) => {
      list.value = d;
    },
    (e: unknown) => {
      if (passing(e)) later(read);
      else asked = false;
    },
  );
}

export function useDistricts(): {
  list: typeof list;
  name: (d: { code: string; name: string } | null | undefined) => string;
} {
  const ui = useUi();
  if (!asked) {
    asked = true;
    read();
  }
  const name = (d: { code: string; name: string } | null | undefined): string =>
    d ? (ui.lang === 'en' ? list.value.find((x) => x.code === d.code)?.name_en || d.name : d.name) : '—';
  return { list, name };
}
