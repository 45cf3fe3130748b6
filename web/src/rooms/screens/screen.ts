/** A screen by itself, without a play: always the one of now. */
import { onBeforeUnmount, onMounted, ref, shallowRef } from 'vue';
import { ApiError, passing } from '@/api/client';
import { useLive } from '@/api/live';
import type { Thing } from '@/api/things';
import { pageClock, screenBy } from './api';
import { fields, type Screen } from './model';

/** The server says something every second: so long a silence is looked into. */
const SILENT = 5000;

export function useScreen(code: string, hold: number | null = null) {
  const live = useLive();
  const clock = pageClock(hold);
  const record = shallowRef<Thing | null>(null),
    screen = shallowRef<Screen | null>(null);
  const missing = ref(''),
    away = ref(false),
    awaySince = ref(0),
    shownAt = ref(0);
  let again = 0;
  let asking = 0;
  async function load(): Promise<void> {
    clearTimeout(again);
    asking++;
    try {
      const t = await screenBy(code);
      missing.value = t ? '' : code;
      /* An older answer that comes late is not shown over a newer one. */
      if (t && !(t.id === record.value?.id && t.version <= record.value.version)) {
        record.value = t;
        screen.value = fields<Screen>(t);
      }
      away.value = false;
    } catch (e) {
      if (e instanceof ApiError && !passing(e)) {
        missing.value = code;
        return;
      }
      if (!away.value) awaySince.value = clock.now();
      away.value = true;
      again = window.setTimeout(load, 2000);
    } finally {
      asking--;
    }
  }
  let stop: (() => void)[] = [];
  const beat = window.setInterval(() => {
    if ((live.status !== 'open' || Date.now() - live.lastEvent > SILENT) && !away.value && !asking) void load();
  }, 3000);
  onMounted(() => {
    void load();
    stop = [
      live.on('thing', (e) => {
        if (e.type === 'screen' && (!record.value || e.id === record.value.id)) void load();
      }),
      live.on('resync', () => void load()),
    ];
  });
  onBeforeUnmount(() => {
    stop.forEach((f) => f());
    clearTimeout(again);
    clearInterval(beat);
  });
  return { record, screen, shownAt, missing, away, awaySince, clock, load };
}
