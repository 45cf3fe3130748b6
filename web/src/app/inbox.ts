/** Messages of the person who is signed in: how many are unread, the newest of them. */
import { defineStore } from 'pinia';
import { ref, shallowRef } from 'vue';
import { ApiError } from '@/api/client';
import { cases, type Notice } from '@/api/cases';
import { useLive } from '@/api/live';
import { may } from '@/api/session';
import { unread as isUnread } from '@/lib/flow';
import { follow } from './follow';

const LOOK_MS = 30_000;
export const useInbox = defineStore('inbox', () => {
  const live = useLive();
  const items = shallowRef<Notice[]>([]);
  const unread = ref(0);
  const there = ref(false);
  /** Whether there are messages is known: they were read, or refused. */
  const known = ref(false);
  let started = false;
  const again = follow(async () => {
    try {
      const r = await cases.inbox({ limit: 30 });
      items.value = r.items;
      unread.value = r.unread ?? r.items.filter(isUnread).length;
      there.value = true;
      known.value = true;
      return true;
    } catch (e) {
      /* No messages for this person: no bell. Not now: it stays as it was until it can be read. */
      known.value ||= e instanceof ApiError && e.refused;
      return e instanceof ApiError && e.refused;
    }
  }, 300);
  const read = again.ask;
  async function mark(n: Notice): Promise<void> {
    if (!isUnread(n)) return;
    try {
      await cases.read(n.id);
      items.value = items.value.map((x) => (x.id === n.id ? { ...x, read: new Date().toISOString() } : x));
      unread.value = Math.max(0, unread.value - 1);
    } catch {
      /* It stays unread. */
    }
  }
  function start(): void {
    if (started) return;
    started = true;
    live.on('inbox', read);
    live.on('resync', read);
    /* Administrators have no stream: they look now and then, while the page is in front. */
    if (!may('live.read'))
      window.setInterval(() => {
        if (!document.hidden) read();
      }, LOOK_MS);
    read();
  }
  return { items, unread, there, known, start, read, mark };
});
