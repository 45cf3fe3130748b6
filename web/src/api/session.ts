/** Who is signed in, and the word that every act needs (docs/access.md). */
import { reactive } from 'vue';

export interface Self {
  signed_in: boolean;
  open: boolean;
  user?: { id: string; login: string; name: string; org: string; label: string; totp: boolean };
  roles?: { role: string; name: string; name_en: string; areas: string }[];
  permissions?: string[];
  must?: ('password' | 'totp')[];
  csrf?: string;
}

export const session = reactive<{ self: Self | null }>({ self: null });

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
export interface Refusal { zh: string; en: string }
async function act(method: string, path: string, body?: unknown): Promise<Refusal | null> {
  const r = await send(method, path, body);
  if (r.ok) return null;
  const p = (await r.json().catch(() => ({}))) as { detail?: string; detail_en?: string };
  return { zh: p.detail ?? String(r.status), en: p.detail_en ?? p.detail ?? String(r.status) };
}

export async function whoAmI(): Promise<Self | null> {
  const r = await fetch('/api/v1/session', { headers: { accept: 'application/json' } });
  session.self = r.ok ? ((await r.json()) as Self) : null;
  return session.self;
}

/** May the person do this? Before there are accounts the machine's own people may do everything. */
export function may(permission: string): boolean {
  const self = session.self;
  return !!self && (self.open || !!self.permissions?.includes(permission));
}

export const signIn = (login: string, password: string, code: string): Promise<Refusal | null> =>
  act('POST', 'session', { login, password, ...(code ? { code } : {}) });
export const signOut = (): Promise<Refusal | null> => act('DELETE', 'session');
export const changePassword = (old: string, wanted: string): Promise<Refusal | null> =>
  act('PUT', 'session/password', { old, new: wanted });
export const confirmCode = (code: string): Promise<Refusal | null> => act('PUT', 'session/totp', { code });
/** The second factor again, for a while (see stepup.ts). */
export const showCode = (code: string): Promise<Refusal | null> => act('POST', 'session/step-up', { code });
export async function newSecret(): Promise<{ secret: string; uri: string } | null> {
  const r = await send('POST', 'session/totp');
  return r.ok ? ((await r.json()) as { secret: string; uri: string }) : null;
}

/** Must somebody sign in, or do something first, before the rooms open? */
export async function gate(): Promise<boolean> {
  const self = session.self ?? (await whoAmI().catch(() => null));
  return !!self && !self.open && (!self.signed_in || (self.must?.length ?? 0) > 0);
}
