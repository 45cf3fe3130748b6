/** A value as a device told it, for <Figure>: what, from where, how fresh, whose, and the way down to the frame. */
import { useI18n } from 'vue-i18n';
import { may } from '@/api/session';
import type { Latest } from '@/api/types';
import { factorLabel, parse, stamp, unit } from '@/lib/format';
import { useUi } from './ui';

export function useMeasured() {
  const { t } = useI18n();
  const ui = useUi();
  return (site: { id: number; name: string }, l: Latest) => {
    const ms = parse(l.time);
    return {
      what: `${site.name} · ${factorLabel(l, ui.lang)}${l.unit ? ` · ${unit(l.unit)}` : ''}`,
      from: t('fig.fromDevice'),
      fresh: ms === null ? '' : stamp(ms),
      whose: site.name,
      clause: t('fig.measured'),
      to: `/sites/${site.id}?factor=${l.factor}&why=latest`,
      ...(ms !== null && may('explain.read') ? { explain: `obs~${l.series}~${ms * 1000}` } : {}),
    };
  };
}
