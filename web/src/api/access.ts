/** Accounts, organisations, roles, tokens, audit (docs/access.md). */
import { call, get, url, type Query } from './client';
import type { AuditReport, AuditRow, AuditStat } from './schema';

export type { AuditReport, AuditRow, AuditStat };

export type UserStatus = 'active' | 'locked' | 'left' | 'conflict';
export type Label = 'public' | 'internal' | 'restricted';
export interface User {
  id: string;
  login: string;
  name: string;
  org: string;
  kind: string;
  status: UserStatus;
  label: Label;
  phone: string;
  totp: boolean;
  locked_now: boolean;
  last_login: string | null;
  created: string;
}
export interface Org {
  id: string;
  parent: string;
  kind: string;
  code: string;
  name: string;
  areas: string[];
  sites: string[];
}
export interface Role {
  role: string;
  name: string;
  name_en: string;
  kind: 'system' | 'security' | 'audit' | 'business';
  rows: 'all' | 'area' | 'own' | 'none';
  permissions: string;
}
export interface Cert {
  serial: string;
  user: string | null;
  login: string | null;
  node: string | null;
  kind: 'sm2' | 'p256';
  state: 'valid' | 'expired' | 'replaced' | 'revoked';
  from: string;
  to: string;
  days_left: number;
  issued: string;
  issued_by: string;
  revoked: string | null;
  reason: string;
  replaced_by: string | null;
  pem?: string;
}
export interface CaCert {
  serial: string;
  name: string;
  from: string;
  to: string;
  pem: string;
}
export interface Ca {
  made: boolean;
  crl_number: number;
  crl_next: string | null;
  chains: { kind: 'sm2' | 'p256'; can_issue: boolean; root: CaCert | null; issuer: CaCert | null }[];
}
export interface Client {
  id: string;
  name: string;
  kind: 'oidc' | 'cas';
  public: boolean;
  disabled: boolean;
  urls: string;
  roles: string;
  made: string;
}
export interface Emergency {
  id: string;
  state: 'asked' | 'lapsed' | 'active' | 'over' | 'reviewed';
  user: string;
  login: string;
  name: string;
  role: string;
  role_name: string;
  role_name_en: string;
  areas: string;
  reason: string;
  asked_by: string;
  asked: string;
  agreed_by: string;
  from: string | null;
  to: string | null;
  reviewed: string | null;
  reviewed_by: string;
  finding: string;
}
export interface Assignment {
  source?: 'standing' | 'delegation' | 'emergency';
  reviewed?: string | null;
  reviewed_by?: string;
  review_due?: boolean;
  last_login?: string | null;
  id: string;
  user: string;
  login: string;
  role: string;
  areas: string;
  reason: string;
  granted_by: string;
  from: string;
  to: string | null;
  revoked: string | null;
  active: boolean;
}
export interface Token {
  id: string;
  name: string;
  login: string;
  permissions: string;
  created: string;
  expires: string;
}
export interface Session {
  id?: string;
  here: boolean;
  origin: string;
  created: string;
  seen: string;
}

const items = <T>(path: string, signal?: AbortSignal): Promise<T[]> =>
  get<{ items: T[] }>(path, undefined, signal).then((r) => r.items);
const done = (method: string, path: string, body?: unknown): Promise<unknown> =>
  call(method, path, body === undefined ? {} : { body });
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
  ca: (signal?: AbortSignal) => get<Ca>('ca', undefined, signal),
  makeCa: (name: string, passphrase: string) => done('POST', 'ca', { name, passphrase }),
  renewCa: (passphrase: string) => done('POST', 'ca/renew', { passphrase }),
  crlUrl: (kind: string) => url('ca/crl', { kind }),
  chainUrl: (kind: string) => url('ca/chain', { kind }),
  certs: (signal?: AbortSignal) => items<Cert>('certificates', signal),
  issue: (b: Record<string, unknown>) => call<Cert>('POST', 'certificates', { body: b }),
  renewCert: (serial: string, b: Record<string, unknown>) =>
    call<Cert>('POST', `certificates/${serial}/renew`, { body: b }),
  revokeCert: (serial: string, reason: string) => done('POST', `certificates/${serial}/revoke`, { reason }),
  clients: (signal?: AbortSignal) => items<Client>('clients', signal),
  newClient: (b: Record<string, unknown>) =>
    call<{ id: string; secret: string | null }>('POST', 'clients', { body: b }),
  changeClient: (id: string, b: Record<string, unknown>) =>
    call<{ id: string; secret: string | null }>('PATCH', `clients/${encodeURIComponent(id)}`, { body: b }),
  endClient: (id: string) => done('DELETE', `clients/${encodeURIComponent(id)}`),
  delegations: (signal?: AbortSignal) => items<Assignment>('delegations', signal),
  lend: (b: Record<string, unknown>) => made('delegations', b),
  endLent: (id: string) => done('DELETE', `delegations/${id}`),
  emergencies: (signal?: AbortSignal) =>
    get<{ items: Emergency[]; may_ask: { role: string; name: string; name_en: string }[] }>(
      'emergencies',
      undefined,
      signal,
    ),
  askEmergency: (b: Record<string, unknown>) => made('emergencies', b),
  agree: (id: string) => done('POST', `emergencies/${id}/agree`),
  lookBack: (id: string, finding: string) => done('POST', `emergencies/${id}/review`, { finding }),
  review: (id: string, keep: boolean, reason: string) => done('POST', `assignments/${id}/review`, { keep, reason }),
  setup: (b: unknown) => done('POST', 'setup', b),
};
