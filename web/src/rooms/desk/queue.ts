/** What the queues of the desks share: levels that are switched off, the step by keys, whether the reader is at the list. */
import { computed, nextTick, onBeforeUnmount, onMounted, ref, type Ref } from 'vue';
import type { Level } from '@/lib/alarm';

interface Asked {
  rows: () => readonly { id: string }[];
  picked: () => string | null;
  pick: (id: string | null) => void;
  /** A key of the desk's own; true where it did something. */
  key: (k: string) => boolean;
  /** Esc: the topmost layer of the detail; false where there is none and the detail itself is closed. */
  back: () => boolean;
}
interface Queue {
  off: Ref<Set<Level>>;
  flip: (l: Level) => void;
  wide: Ref<boolean>;
  queue: Ref<HTMLElement | undefined>;
  /** Nothing moves under a reader: he points at the list, is in it, has scrolled it or has one open. */
  still: () => boolean;
  stop: (id: string) => 0 | -1;
}

export function useQueue(o: Asked): Queue {
  const off = ref(new Set<Level>());
  const wide = ref(innerWidth >= 1100);
  const queue = ref<HTMLElement>();
  const first = computed(() => (o.rows().some((r) => r.id === o.picked()) ? o.picked() : o.rows()[0]?.id));

  function flip(l: Level): void {
    const s = new Set(off.value);
    if (s.has(l)) s.delete(l);
    else s.add(l);
    off.value = s;
  }
  function step(n: number): void {
    const rows = o.rows();
    if (!rows.length) return;
    const i = rows.findIndex((r) => r.id === o.picked());
    const to = rows[Math.max(0, Math.min(rows.length - 1, i < 0 ? 0 : i + n))]!;
    const inside = !!queue.value?.contains(document.activeElement);
    o.pick(to.id);
    void nextTick(() => {
      const row = queue.value?.querySelector<HTMLElement>(`[data-id="${CSS.escape(to.id)}"]`);
      row?.scrollIntoView({ block: 'nearest' });
      if (inside) row?.focus({ preventScroll: true });
    });
  }
  function keys(e: KeyboardEvent): void {
    const from = e.target as HTMLElement;
    if (from.closest('input, select, textarea, [contenteditable], dialog') || e.ctrlKey || e.metaKey || e.altKey)
      return;
    const k = e.key.toLowerCase();
    const inside = !!queue.value?.contains(from);
    if (k === 'j' || (inside && k === 'arrowdown')) step(1);
    else if (k === 'k' || (inside && k === 'arrowup')) step(-1);
    else if (k === 'escape') {
      if (!o.back()) o.pick(null);
    } else if (/^[1-4]$/.test(k)) flip(Number(k) as Level);
    else if (!o.key(k)) return;
    e.preventDefault();
  }
  const size = (): void => {
    wide.value = innerWidth >= 1100;
  };
  onMounted(() => {
    window.addEventListener('keydown', keys);
    window.addEventListener('resize', size);
  });
  onBeforeUnmount(() => {
    window.removeEventListener('keydown', keys);
    window.removeEventListener('resize', size);
  });
  return {
    off,
    flip,
    wide,
    queue,
    still: () =>
      o.picked() !== null || !!queue.value?.matches(':hover, :focus-within') || (queue.value?.scrollTop ?? 0) > 0,
    /* One stop of the Tab key for the whole list. */
    stop: (id) => (id === first.value ? 0 : -1),
  };
}
