/** Who is signed in, and the word that every act needs (docs/access.md). */
import { reactive } from 'vue';
import type { Self as Answer, Totp } from './schema';

/** Who is signed in. `offline`: nobody answered, and this is who was signed in on this phone when somebody last did. */
export type Self = Answer & { offline?: boolean };

/** `silent`: nobody has answered yet who it is. */
export const session = reactive<{ self: Self | null; silent: boolean }>({ self: null, silent: false });

const AGAIN_MS = 2000;
async function send(method: string, path: string, body?: unknown): Promise<Response> {
  return fetch(`/api/v1/${path}`, {
    method,
    headers: {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(session.self?.csrf ? { 'x-csrf-token': session.self.csrf } : {}),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** Detail of a refusal in both languages, or null when it was done. */
export interface Refusal {
  zh: string;
  en: string;
}
async function act(method: string, path: string, body?: unknown): Promise<Refusal | null> {
  const r = await send(method, path, body);
  if (r.ok) return null;
  const p = (await r.json().catch(() => ({}))) as { detail?: string; detail_en?: string };
  return { zh: p.detail ?? String(r.status), en: p.detail_en ?? p.detail ?? String(r.status) };
}

/* Only on a phone that is used in the field (rooms/field), in its own store, and gone with the sign-out. */
const FIELD = 'shanshui.field';
function inTheField(): boolean {
  try {
    return !!localStorage.getItem(FIELD);
  } catch {
    return false;
  }
}
async function keepSelf(self: Self): Promise<void> {
  const { shelf } = await import('@/field/store');
  if (self.signed_in || self.open) await shelf.put('kept', 'self', { ...self, csrf: undefined });
  else await shelf.drop('kept', 'self');
}
async function keptSelf(): Promise<Self | null> {
  try {
    const { shelf } = await import('@/field/store');
    const self = await shelf.get<Self>('kept', 'self');
    return self ? { ...self, offline: true } : null;
  } catch {
    return null;
  }
}
export async function usedInTheField(): Promise<void> {
  try {
    localStorage.setItem(FIELD, '1');
  } catch {
    /* Without storage there is no start without signal. */
  }
  if (session.self && !session.self.offline) await keepSelf(session.self).catch(() => undefined);
}

export async function whoAmI(): Promise<Self | null> {
  const r = await fetch('/api/v1/session', { headers: { accept: 'application/json' } }).catch(() => null);
  if (!r || r.status >= 500) {
    const old = await keptSelf();
    if (!old) throw new TypeError('no answer');
    session.self = old;
    return old;
  }
  session.self = r.ok ? ((await r.json()) as Self) : null;
  if (session.self && inTheField()) await keepSelf(session.self).catch(() => undefined);
  return session.self;
}

/** May the person do this? Before there are accounts the machine's own people may do everything. */
export function may(permission: string): boolean {
  const self = session.self;
  return !!self && (self.open || !!self.permissions?.includes(permission));
}

export const signIn = (login: string, password: string, code: string): Promise<Refusal | null> =>
  act('POST', 'session', { login, password, ...(code ? { code } : {}) });
/** What was kept for the field goes too; what is still owed to the server stays with the account. */
export async function signOut(): Promise<Refusal | null> {
  const r = await act('DELETE', 'session');
  if (!r && inTheField()) await import('@/field/store').then((m) => m.forget()).catch(() => undefined);
  return r;
}
export const changePassword = (old: string, wanted: string): Promise<Refusal | null> =>
  act('PUT', 'session/password', { old, new: wanted });
export const confirmCode = (code: string): Promise<Refusal | null> => act('PUT', 'session/totp', { code });
/** The second factor again, for a while (see stepup.ts). */
export const showCode = (code: string): Promise<Refusal | null> => act('POST', 'session/step-up', { code });
export async function newSecret(): Promise<Totp | null> {
  const r = await send('POST', 'session/totp');
  return r.ok ? ((await r.json()) as Totp) : null;
}

/** Asked until somebody answers: a page that took no answer for nobody would stay without any right. */
async function answered(): Promise<Self | null> {
  for (;;) {
    try {
      const self = await whoAmI();
      session.silent = false;
      return self;
    } catch {
      session.silent = true;
      await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
  }
}
/** Must somebody sign in, or do something first, before the rooms open? */
export async function gate(): Promise<boolean> {
  const self = session.self ?? (await answered());
  return !!self && !self.open && (!self.signed_in || (self.must?.length ?? 0) > 0);
}
