/** How values are shown in a room of records: the reader's language, names of what ids stand for, districts. */
import { computed, reactive, type ComputedRef } from 'vue';
import { passing } from '@/api/client';
import { things, type Choice, type CodeWords, type Field, type Thing, type Values } from '@/api/things';
import { useDistricts } from '@/app/districts';
import { useUi } from '@/app/ui';
import type { Show } from '@/lib/record';

const names = reactive<Record<string, string>>({});
const codes = reactive<CodeWords>({});
const asked = new Set<string>();

export const learn = (id: string, name: string): void => {
  names[id] = name;
};
/** What an answer says besides records: titles of what they refer to, words of their codes. */
export interface Told {
  names?: Record<string, string>;
  codes?: CodeWords;
}
export function learnAll(x: Told): void {
  Object.assign(names, x.names);
  for (const [list, words] of Object.entries(x.codes ?? {})) codes[list] = { ...codes[list], ...words };
}
/** Codes of a long list that the text finds. */
export async function findCodes(list: string, q: string, signal: AbortSignal): Promise<Choice[]> {
  const { items } = await things.codes(list, q, signal);
  learnAll({ codes: { [list]: Object.fromEntries(items.map((c) => [c.code, c])) } });
  return items;
}

/** Ids in the values of reference fields, with the type that they are of. */
function refs(fields: readonly Field[], v: Values, out: Map<string, string>): void {
  for (const f of fields) {
    const x = v[f.id];
    if (!x) continue;
    if (f.type === 'ref' && f.ref) out.set(String(x), f.ref);
    else if (f.type === 'refs' && f.ref) for (const id of x as string[]) out.set(id, f.ref);
    else if (f.type === 'object') refs(f.fields ?? [], x as Values, out);
    else if (f.type === 'list') for (const row of x as Values[]) refs(f.fields ?? [], row, out);
  }
}

/** Asks for the titles that did not come with the records. What may not be seen stays a short id. */
export async function learnRefs(
  fields: readonly Field[],
  records: readonly (Pick<Thing, 'fields'> & Told)[],
): Promise<void> {
  const want = new Map<string, string>();
  for (const r of records) {
    learnAll(r);
    refs(fields, r.fields, want);
  }
  const left = [...want].filter(([id]) => !names[id] && !asked.has(id)).slice(0, 60);
  await Promise.all(
    left.map(async ([id, type]) => {
      asked.add(id);
      try {
        learn(id, (await things.one(type, id)).title);
      } catch (e) {
        /* Not the reader's to see: the short id stands. */
        if (passing(e)) asked.delete(id);
      }
    }),
  );
}

export function useShow(): ComputedRef<Show> {
  const ui = useUi();
  const { list, name } = useDistricts();
  return computed(() => ({
    lang: ui.lang,
    names,
    codes,
    area: (code: string) => name({ code, name: list.value.find((d) => d.code === code)?.name ?? code }),
  }));
}
export const allNames = names;
