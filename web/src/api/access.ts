/** Accounts, organisations, roles, tokens, audit (docs/access.md). */
import { call, get, url, type Query } from './client';
import type {
  Assignment,
  AuditReport,
  AuditRow,
  AuditStat,
  Ca,
  Certificate,
  Emergencies,
  Org,
  Role,
  SessionHead,
  SsoClient,
  TokenHead,
  User,
} from './schema';

export type {
  Assignment,
  AuditReport,
  AuditRow,
  AuditStat,
  Ca,
  CaCertificate as CaCert,
  Certificate as Cert,
  Emergency,
  Org,
  Role,
  SessionHead as Session,
  SsoClient as Client,
  TokenHead as Token,
  User,
} from './schema';
export type UserStatus = User['status'];
export type Label = User['label'];

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
  tokens: (signal?: AbortSignal) => items<TokenHead>('tokens', signal),
  sessions: (signal?: AbortSignal) => items<SessionHead>('sessions', signal),
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
  certs: (signal?: AbortSignal) => items<Certificate>('certificates', signal),
  issue: (b: Record<string, unknown>) => call<Certificate>('POST', 'certificates', { body: b }),
  renewCert: (serial: string, b: Record<string, unknown>) =>
    call<Certificate>('POST', `certificates/${serial}/renew`, { body: b }),
  revokeCert: (serial: string, reason: string) => done('POST', `certificates/${serial}/revoke`, { reason }),
  clients: (signal?: AbortSignal) => items<SsoClient>('clients', signal),
  newClient: (b: Record<string, unknown>) =>
    call<{ id: string; secret: string | null }>('POST', 'clients', { body: b }),
  changeClient: (id: string, b: Record<string, unknown>) =>
    call<{ id: string; secret: string | null }>('PATCH', `clients/${encodeURIComponent(id)}`, { body: b }),
  endClient: (id: string) => done('DELETE', `clients/${encodeURIComponent(id)}`),
  delegations: (signal?: AbortSignal) => items<Assignment>('delegations', signal),
  lend: (b: Record<string, unknown>) => made('delegations', b),
  endLent: (id: string) => done('DELETE', `delegations/${id}`),
  emergencies: (signal?: AbortSignal) => get<Emergencies>('emergencies', undefined, signal),
  askEmergency: (b: Record<string, unknown>) => made('emergencies', b),
  agree: (id: string) => done('POST', `emergencies/${id}/agree`),
  lookBack: (id: string, finding: string) => done('POST', `emergencies/${id}/review`, { finding }),
  review: (id: string, keep: boolean, reason: string) => done('POST', `assignments/${id}/review`, { keep, reason }),
  setup: (b: unknown) => done('POST', 'setup', b),
};
