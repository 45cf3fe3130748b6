/** Accounts, organisations, roles, tokens, audit (docs/access.md). */
import { call, get, type Query } from './client';

export type UserStatus = 'active' | 'locked' | 'left' | 'conflict';
export type Label = 'public' | 'internal' | 'restricted';
export interface User {
  id: string; login: string; name: string; org: string; kind: string; status: UserStatus; label: Label; phone: string; totp: boolean;
  locked_now: boolean; last_login: string | null; created: string;
}
export interface Org { id: string; parent: string; kind: string; code: string; name: string; areas: string[]; sites: string[] }
export interface Role { role: string; name: string; name_en: string; kind: 'system' | 'security' | 'audit' | 'business'; rows: 'all' | 'area' | 'own' | 'none'; permissions: string }
export interface Assignment {
  id: string; user: string; login: string; role: string; areas: string; reason: string; granted_by: string; from: string; to: string | null;
  revoked: string | null; active: boolean;
}
export interface Token { id: string; name: string; login: string; permissions: string; created: string; expires: string }
export interface Session { id?: string; here: boolean; origin: string; created: string; seen: string }
export interface AuditRow {
  seq: number; time: string; actor: string; via: string; origin: string; session: string; request: string; action: string; target: string;
  outcome: 'ok' | 'denied' | 'failed'; status: number; detail: Record<string, unknown> | null; chain: string;
}
export interface AuditStat { rows: number; signed: number; waiting: number; verified: string | null; broken: boolean; why: string | null }
export interface AuditReport { good: boolean; rows: number; signed: number; copied: number; first_bad: number; what: string | null }

const items = <T>(path: string, signal?: AbortSignal): Promise<T[]> => get<{ items: T[] }>(path, undefined, signal).then((r) => r.items);
const done = (method: string, path: string, body?: unknown): Promise<unknown> => call(method, path, body === undefined ? {} : { body });
const made = (path: string, body: unknown): Promise<{ id: string }> => call('POST', path, { body });

export const access = {
  users: (signal?: AbortSignal) => items<User>('users', signal),
  orgs: (signal?: AbortSignal) => items<Org>('orgs', signal),
  roles: (signal?: AbortSignal) => items<Role>('roles', signal),
  assignments: (signal?: AbortSignal) => items<Assignment>('assignments', signal),
  tokens: (signal?: AbortSignal) => items<Token>('tokens', signal),
  sessions: (signal?: AbortSignal) => items<Session>('sessions', signal),
  newUser: (b: Record<string, string>) => made('users', b),
  changeUser: (id: string, b: Record<string, string>) => done('PATCH', `users/${id}`, b),
  resetPassword: (id: string, password: string) => done('PUT', `users/${id}/password`, { password }),
  setLabel: (id: string, label: string) => done('PUT', `users/${id}/label`, { label }),
  endSessions: (id: string) => done('DELETE', `users/${id}/sessions`),
  unmask: (id: string, purpose: string) => call<{ phone: string }>('POST', `users/${id}/unmask`, { body: { purpose } }),
  newOrg: (b: Record<string, unknown>) => made('orgs', b),
  grant: (b: Record<string, unknown>) => made('assignments', b),
  revoke: (id: string) => done('DELETE', `assignments/${id}`),
  newToken: (b: Record<string, unknown>) => call<{ id: string; token: string }>('POST', 'tokens', { body: b }),
  endToken: (id: string) => done('DELETE', `tokens/${id}`),
  leaveEverywhere: () => done('DELETE', 'sessions'),
  audit: (q: Query, signal?: AbortSignal) => get<{ items: AuditRow[]; next: string | null }>('audit', q, signal),
  auditStat: (signal?: AbortSignal) => get<AuditStat>('audit/stat', undefined, signal),
  auditVerify: () => call<AuditReport>('POST', 'audit/verify'),
  setup: (b: unknown) => done('POST', 'setup', b),
};
