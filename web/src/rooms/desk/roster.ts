/** Shifts of a time, and what posts are called; shared by the desk, the roster and the hand-over. */
import { shallowRef, type ShallowRef } from 'vue';
import { things, type Thing, type ThingType } from '@/api/things';
import { useUi } from '@/app/ui';
import { shiftOf, type Shift } from '@/lib/desk';
import { iso } from '@/lib/format';
import { word } from '@/lib/record';

const type = shallowRef<ThingType | null>(null);

export async function shiftsOf(from: number, to: number, signal?: AbortSignal): Promise<Shift[]> {
  const filter = JSON.stringify([
    { field: 'to', op: '>', value: iso(from) },
    { field: 'from', op: '<', value: iso(to) },
  ]);
  const all: Thing[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: Thing[]; next: string | null } = await things.list(
      'shift',
      { filter, limit: 500, cursor },
      signal,
    );
    all.push(...page.items);
    cursor = page.next;
  } while (cursor && all.length < 3000);
  return all.map(shiftOf);
}

export function usePosts(): {
  type: ShallowRef<ThingType | null>;
  load: () => Promise<void>;
  name: (post: string) => string;
  order: (post: string) => number;
} {
  const ui = useUi();
  const choices = () => type.value?.fields.find((f) => f.id === 'post')?.choices ?? [];
  return {
    type,
    load: async () => {
      type.value ??= await things.type('shift');
    },
    name: (post) =>
      word(
        choices().find((c) => c.code === post),
        ui.lang,
      ) || post,
    order: (post) => {
      const i = choices().findIndex((c) => c.code === post);
      return i < 0 ? 99 : i;
    },
  };
}
