import { useI18n } from 'vue-i18n';
import { word } from '@/lib/record';
import { whoName } from '@/lib/who';
import { useMenu } from './menu';
import { useUi } from './ui';

/** Who did it, as the reader calls him: `local` is this machine, before anybody signs in. */
export function useWho(): (name: string | null | undefined) => string {
  const { t } = useI18n();
  const ui = useUi();
  const menu = useMenu();
  return (name) =>
    whoName(
      name,
      (k, n) => t(`who.${k}`, { n: n ?? '' }),
      (id) => word(menu.modules.find((m) => m.id === id)?.title, ui.lang),
    );
}
