/** What codes and Chinese words of the tables are called: the factors, and in English the words and standards that the law itself translates. */
import { ref } from 'vue';
import { api } from '@/api/client';
import { may } from '@/api/session';
import { clauseText, factorLabel } from '@/lib/format';
import { law, REGISTER, type Row } from './law';

export interface Names {
  factor: (code: string, lang: string) => string;
  /** In English what the word list has; else as it stands. */
  word: (text: string, lang: string) => string;
}
const factors = ref(new Map<string, { factor: string; name?: string; name_en?: string }>());
const english = ref(new Map<string, string>());
let asked = false;

async function rows(table: string): Promise<Row[]> {
  const all: Row[] = [];
  let cursor: string | null | undefined;
  do {
    const r = await law.table(table, { day: 'all', limit: 1000, cursor });
    all.push(...r.items);
    cursor = r.next;
  } while (cursor);
  return all;
}
async function readEnglish(): Promise<void> {
  const [words, standards] = await Promise.all([rows('register/words'), rows(REGISTER)]);
  english.value = new Map([
    ...standards
      .filter((r) => /[\u4e00-\u9fff]/.test(r.key) && r.values.title_en)
      .map((r) => [r.key, String(r.values.title_en)] as const),
    ...words.map((r) => [String(r.values.word), String(r.values.english)] as const),
  ]);
}

export function useNames(): Names {
  if (!asked && may('reference.read')) {
    asked = true;
    api
      .factors()
      .then((list) => {
        factors.value = new Map(list.map((f) => [f.factor, f]));
      })
      .catch(() => {
        asked = false; /* the codes alone are shown */
      });
    /* Without them the Chinese stands, which is what holds. */
    readEnglish().catch(() => {});
  }
  return {
    factor: (code, lang) => {
      const f = factors.value.get(code);
      const label = f ? factorLabel(f, lang) : '';
      return label && label !== code ? `${label} ${code}` : code;
    },
    word: (text, lang) => (lang === 'en' ? (english.value.get(text) ?? clauseText(text, lang)) : text),
  };
}
