/** Asking the server for what a screen needs. */
import { call, get } from '@/api/client';
import type { ServerTime, WallSent } from '@/api/schema';
import { things, type Thing } from '@/api/things';
import { makeClock, type Clock } from './clock';

export const serverMs = (): Promise<number> => get<ServerTime>('time').then((r) => r.us / 1000);
/** One clock a page. */
let one: Clock | null = null;
export function pageClock(hold: number | null = null): Clock {
  if (!one) {
    one = makeClock(serverMs, hold);
    one.start();
  }
  return one;
}

export const wallCommand = (id: string, command: unknown): Promise<WallSent> =>
  call('POST', `walls/${encodeURIComponent(id)}/commands`, { body: command });

export async function screenBy(code: string, knownAt?: string): Promise<Thing | null> {
  const r = await things.list('screen', {
    filter: JSON.stringify({ field: 'code', op: '=', value: code }),
    limit: 1,
    known_at: knownAt ?? null,
  });
  return r.items[0] ?? null;
}
