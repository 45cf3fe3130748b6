/** What a person chooses for this computer: language, theme. */
import { defineStore } from 'pinia';
import { computed, ref, watch } from 'vue';
import { i18n } from './i18n';

export type Theme = 'light' | 'dark' | 'screen';

function keep(key: string, v: string): void {
  try {
    localStorage.setItem(`shanshui.${key}`, v);
  } catch {
    /* Private windows may refuse; the choice then lasts for this page. */
  }
}

function kept(key: string): string {
  try {
    return localStorage.getItem(`shanshui.${key}`) ?? '';
  } catch {
    return '';
  }
}

export const useUi = defineStore('ui', () => {
  const theme = ref<Theme>((document.documentElement.getAttribute('data-theme') as Theme | null) ?? 'light');
  const lang = computed<'zh' | 'en'>({
    get: () => (i18n.global.locale as unknown as { value: string }).value as 'zh' | 'en',
    set: (l) => {
      (i18n.global.locale as unknown as { value: string }).value = l;
      document.documentElement.lang = l === 'en' ? 'en' : 'zh-CN';
      keep('lang', l);
    },
  });
  watch(
    theme,
    (t) => {
      document.documentElement.setAttribute('data-theme', t);
      keep('theme', t);
    },
    { flush: 'sync' },
  );
  /** Under which name acts are written. Told, not proven: pages show it so. */
  const name = ref(kept('name'));
  watch(name, (v) => keep('name', v));
  return { theme, lang, name };
});
