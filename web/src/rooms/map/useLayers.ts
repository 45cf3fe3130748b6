/** The layers of the modules: the tree, which are on, and their objects as they were at the moment that is shown. */
import { computed, ref, shallowRef, watch, type Ref } from 'vue';
import { onemap, type Features, type LayerGroupInfo, type LayerInfo } from '@/api/onemap';
import { things, type Choice } from '@/api/things';
import { iso } from '@/lib/format';
import { token } from '@/lib/palette';
import type { Shown } from '@/map/overlay';

const COLOURS = ['s1', 's2', 's3', 's4', 's5', 's6', 'plum', 'jade', 'ochre', 'gamboge'];
export type Why = (e: unknown) => string;

export function useLayers(at: Ref<number | null>, bbox: Ref<string>, why: Why) {
  const groups = shallowRef<LayerGroupInfo[]>([]);
  const on = ref(new Set<string>());
  const styled = ref(new Set<string>());
  const data = shallowRef(new Map<string, Features>());
  const choices = shallowRef(new Map<string, Choice[]>());
  const failed = ref('');
  const errors = shallowRef(new Map<string, string>());
  const busy = ref(0);
  const aborts = new Map<string, AbortController>();
  const whens = new Map<string, string | null>(); /* the moment that a layer's objects are of */
  const all = computed(() => groups.value.flatMap((g) => g.layers));
  const of = (id: string): LayerInfo | undefined => all.value.find((l) => l.id === id);
  /* By the order in which they were switched on, so that few that are on differ. */
  const colourName = (id: string): string =>
    on.value.has(id) ? COLOURS[[...on.value].indexOf(id) % COLOURS.length]! : 'line2';
  const moment = (): string | null => (at.value === null ? null : iso(at.value));

  function tell(id: string, what: string | null): void {
    const next = new Map(errors.value);
    if (what === null) next.delete(id);
    else next.set(id, what);
    errors.value = next;
  }
  /* What was of another moment is not shown as if it were of this one. */
  function drop(id: string): void {
    const next = new Map(data.value);
    if (next.delete(id)) data.value = next;
  }
  async function tree(): Promise<void> {
    try {
      groups.value = await onemap.layers(moment());
      failed.value = '';
    } catch (e) {
      failed.value = why(e);
    }
  }
  async function read(id: string): Promise<void> {
    aborts.get(id)?.abort();
    const mine = new AbortController();
    aborts.set(id, mine);
    const then = moment();
    busy.value++;
    try {
      const l = of(id);
      const wide = data.value.get(id)?.truncated;
      const f = await onemap.features(
        id,
        {
          as_of: then,
          fields: styled.value.has(id) ? (l?.style_field ?? null) : null,
          bbox: wide ? bbox.value : null,
        },
        mine.signal,
      );
      if (mine.signal.aborted) return;
      data.value = new Map(data.value).set(id, f);
      whens.set(id, then);
      tell(id, null);
    } catch (e) {
      if ((e as Error).name !== 'AbortError') {
        tell(id, why(e));
        if (whens.get(id) !== then) drop(id);
      }
    } finally {
      busy.value--;
    }
  }
  async function learn(id: string): Promise<void> {
    const l = of(id);
    if (!l?.style_field || choices.value.has(id)) return;
    const t = await things.type(id);
    choices.value = new Map(choices.value).set(
      id,
      (t.fields.find((f) => f.id === l.style_field)?.choices ?? []).slice(0, COLOURS.length),
    );
  }
  function toggle(ids: string[], yes: boolean): void {
    const next = new Set(on.value);
    for (const id of ids) {
      if (yes) next.add(id);
      else next.delete(id);
      if (yes && !on.value.has(id)) void read(id);
    }
    on.value = next;
  }
  async function style(id: string, yes: boolean): Promise<void> {
    const next = new Set(styled.value);
    if (yes) next.add(id);
    else next.delete(id);
    styled.value = next;
    if (yes) await learn(id).catch((e: unknown) => tell(id, why(e)));
    await read(id);
  }
  async function again(): Promise<void> {
    await Promise.all([tree(), ...[...on.value].map(read)]);
  }
  watch(bbox, () => {
    for (const id of on.value) if (data.value.get(id)?.truncated) void read(id);
  });

  const classes = (id: string): { code: string; colour: string; title: Choice }[] =>
    (choices.value.get(id) ?? []).map((c, i) => ({ code: c.code, colour: COLOURS[i % COLOURS.length]!, title: c }));
  /** As the map takes them; colours are read anew, since themes change them. */
  function shown(): Shown[] {
    return all.value
      .filter((l) => on.value.has(l.id) && data.value.has(l.id))
      .map((l) => ({
        id: l.id,
        colour: token(colourName(l.id)),
        features: data.value.get(l.id)!,
        ...(styled.value.has(l.id) && l.style_field
          ? {
              by: {
                field: l.style_field,
                classes: classes(l.id).map((c) => ({ code: c.code, colour: token(c.colour) })),
              },
            }
          : {}),
      }));
  }
  return {
    groups,
    on,
    styled,
    data,
    choices,
    all,
    of,
    colourName,
    classes,
    failed,
    errors,
    busy,
    tree,
    read,
    toggle,
    style,
    again,
    shown,
  };
}
