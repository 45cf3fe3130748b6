import { createI18n } from 'vue-i18n';
import en from './locale/en';
import zh from './locale/zh';

function kept(): 'zh' | 'en' {
  try {
    return localStorage.getItem('shanshui.lang') === 'en' ? 'en' : 'zh';
  } catch {
    return 'zh';
  }
}

export const i18n = createI18n({ legacy: false, locale: kept(), fallbackLocale: 'zh', messages: { zh, en } as never });

/** The words of a room come with its code, so that the first paint does not carry them all. */
export function addWords(zhWords: object, enWords: object): void {
  i18n.global.mergeLocaleMessage('zh' as never, zhWords as never);
  i18n.global.mergeLocaleMessage('en' as never, enWords as never);
}
