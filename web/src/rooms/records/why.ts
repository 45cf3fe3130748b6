/** What a figure of a record is, from where, how fresh, whose, by which clause; one that an alarm brought goes down to its frame. */
import { useI18n } from 'vue-i18n';
import type { CaseRecord } from '@/api/cases';
import type { Field, ThingType } from '@/api/things';
import { useUi } from '@/app/ui';
import { useWho } from '@/app/who';
import { dateMinute, parse } from '@/lib/format';
import { unitWord, word } from '@/lib/record';
import { useShow } from './names';
import './words';

export interface Of {
  type: ThingType;
  thing: CaseRecord;
}
export interface Why {
  what: string;
  from: string;
  fresh: string;
  whose: string;
  clause: string;
  to: string;
  explain: string | undefined;
}
/** `within` is the list or group that holds the field. */
export function useWhy(): (f: Field, of: Of, within?: Field) => Why {
  const { t } = useI18n();
  const ui = useUi();
  const show = useShow();
  const who = useWho();
  return (f, { type, thing }, within) => {
    const x = thing.fields,
      ref = String(x.source_ref ?? '');
    return {
      what: [
        ...(within ? [word(within.title, ui.lang)] : []),
        word(f.title, ui.lang),
        unitWord(f.unit, ui.lang),
        word(f.help, ui.lang),
      ]
        .filter(Boolean)
        .join(' · '),
      from: t(f.compute ? 'rec.whyComputed' : 'rec.whyWritten', { type: word(type.title, ui.lang), v: thing.version }),
      fresh: dateMinute(parse(thing.changed ?? null) ?? 0),
      whose: [who(thing.changed_by), thing.area && show.value.area(thing.area)].filter(Boolean).join(' · '),
      clause: String(x.basis ?? x.law ?? '') || t('rec.whyNoClause'),
      to: `/r/${type.id}/${thing.id}?tab=history`,
      explain: ref.startsWith('alarm~') ? ref : undefined,
    };
  };
}
