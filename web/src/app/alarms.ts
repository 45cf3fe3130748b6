/** How many alarms stand, for the rail; and what is said aloud when one comes. Read once, then kept by the live stream. */
import { defineStore } from 'pinia';
import { computed, ref, shallowRef } from 'vue';
import { api, passing } from '@/api/client';
import { useLive } from '@/api/live';
import { later } from './follow';
import { session } from '@/api/session';
import type { Alarm, AlarmCounts } from '@/api/types';
import { levelOf } from '@/lib/alarm';

/* Off until a person wants it; each person of this computer for himself. */
const KEY = (): string => `shanshui.sound.${session.self?.user?.id ?? 'open'}`;

export const useAlarms = defineStore('alarms', () => {
  const live = useLive();
  const counts = shallowRef<AlarmCounts | null>(null);
  /** The newest alarm that was raised while the page is open. */
  const told = shallowRef<Alarm | null>(null);
  const heardOf = ref<Record<string, boolean>>({});
  function kept(key: string): boolean {
    try {
      return localStorage.getItem(key) === 'on';
    } catch {
      return false; /* A private window: the choice then lasts for this page. */
    }
  }
  const sound = computed<boolean>({
    get: () => heardOf.value[KEY()] ?? kept(KEY()),
    set: (on) => {
      heardOf.value = { ...heardOf.value, [KEY()]: on };
      try {
        localStorage.setItem(KEY(), on ? 'on' : 'off');
      } catch {
        /* As above. */
      }
    },
  });
  /* An alarm that takes in another member is not news. */
  const heard = new Set<string>();
  let started = false;
  let timer = 0;
  let audio: AudioContext | null = null;

  async function read(): Promise<void> {
    try {
      counts.value = await api.alarmCounts();
    } catch (e) {
      /* The desk itself says what is wrong; the badge keeps what it knew. */
      if (passing(e)) later(again);
    }
  }
  /* A burst of events is one question. */
  function again(): void {
    if (!timer)
      timer = window.setTimeout(() => {
        timer = 0;
        void read();
      }, 1000);
  }

  /** Severity 1 rings twice, 2 once; a browser stays silent until the person has touched the page. */
  function ring(times: number): void {
    if (!sound.value || !navigator.userActivation?.hasBeenActive) return;
    audio ??= new AudioContext();
    for (let i = 0; i < times; i++) {
      const at = audio.currentTime + i * 0.5;
      const tone = audio.createOscillator();
      const gain = audio.createGain();
      tone.frequency.value = 660;
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(0.16, at + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.001, at + 0.4);
      tone.connect(gain).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.42);
    }
  }

  function take(a: Alarm): void {
    again();
    if (a.state !== 'raised' || a.late || heard.has(a.id)) return;
    heard.add(a.id);
    told.value = a;
    const level = levelOf(a);
    if (level <= 2) ring(level === 1 ? 2 : 1);
  }

  function start(): void {
    if (started) return;
    started = true;
    live.on('alarm', take);
    live.on('resync', () => void read());
    void read();
  }

  const grave = computed(() =>
    counts.value
      ? counts.value.severity.urgent.unacknowledged +
        counts.value.severity.serious.unacknowledged +
        counts.value.severity.warning.unacknowledged
      : 0,
  );
  return { counts, told, sound, grave, start, ring };
});
