/** Names of the factors, read once, for the columns that hold their codes. */
import { ref } from 'vue';
import { api } from '@/api/client';
import { may } from '@/api/session';
import { factorLabel } from '@/lib/format';

const names = ref(new Map<string, { factor: string; name?: string; name_en?: string }>());
let asked = false;

export function useFactors(): { named: (code: string, lang: string) => string } {
  if (!asked && may('reference.read')) {
    asked = true;
    api
      .factors()
      .then((list) => {
        names.value = new Map(list.map((f) => [f.factor, f]));
      })
      .catch(() => {
        asked = false; /* the codes alone are shown */
      });
  }
  return {
    named: (code, lang) => {
      const f = names.value.get(code);
      const label = f ? factorLabel(f, lang) : '';
      return label && label !== code ? `${label} ${code}` : code;
    },
  };
}
