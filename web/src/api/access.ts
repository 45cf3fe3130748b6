/** Accounts, organisations, roles, tokens, audit (docs/access.md). */
import { call, get, url, type Query } from './client';
import type * as S from './schema';

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
export type UserStatus = S.User['status'];
export type Label = S.User['label'];

const items = <T>(path: string, signal?: AbortSignal): Promise<T[]> =>
  get<{ items: T[] }>(path, undefined, signal).then((r) => r.items);
const done = (method: string, path: string, body?: unknown): Promise<S.Done> =>
  call(method, path, body === undefined ? {} : { body });
const made = (path: string, body: unknown): Promise<S.Made> => call('POST', path, { body });

export const access = {
  users: (signal?: AbortSignal) => items<S.User>('users', signal),
  orgs: (signal?: AbortSignal) => items<S.Org>('orgs', signal),
  roles: (signal?: AbortSignal) => items<S.Role>('roles', signal),
  assignments: (signal?: AbortSignal) => items<S.Assignment>('assignments', signal),
  tokens: (signal?: AbortSignal) => items<S.TokenHead>('tokens', signal),
  sessions: (signal?: AbortSignal) => items<S.SessionHead>('sessions', signal),
  newUser: (b: Record<string, string>) => made('users', b),
  changeUser: (id: string, b: Record<string, string>) => done('PATCH', `users/${id}`, b),
  resetPassword: (id: string, password: string) => done('PUT', `users/${id}/password`, { password }),
  setLabel: (id: string, label: string) => done('PUT', `users/${id}/label`, { label }),
  endSessions: (id: string) => done('DELETE', `users/${id}/sessions`),
  unmask: (id: string, purpose: string) => call<S.Phone>('POST', `users/${id}/unmask`, { body: { purpose } }),
  newOrg: (b: Record<string, unknown>) => made('orgs', b),
  grant: (b: Record<string, unknown>) => made('assignments', b),
  revoke: (id: string) => done('DELETE', `assignments/${id}`),
  newToken: (b: Record<string, unknown>) => call<S.Token>('POST', 'tokens', { body: b }),
  endToken: (id: string) => done('DELETE', `tokens/${id}`),
  leaveEverywhere: () => done('DELETE', 'sessions'),
  audit: (q: Query, signal?: AbortSignal) => get<S.AuditRows>('audit', q, signal),
  auditStat: (signal?: AbortSignal) => get<S.AuditStat>('audit/stat', undefined, signal),
  auditVerify: () => call<S.AuditReport>('POST', 'audit/verify'),
  ca: (signal?: AbortSignal) => get<S.Ca>('ca', undefined, signal),
  makeCa: (name: string, passphrase: string) => done('POST', 'ca', { name, passphrase }),
  renewCa: (passphrase: string) => done('POST', 'ca/renew', { passphrase }),
  crlUrl: (kind: string) => url('ca/crl', { kind }),
  chainUrl: (kind: string) => url('ca/chain', { kind }),
  certs: (signal?: AbortSignal) => items<S.Certificate>('certificates', signal),
  issue: (b: Record<string, unknown>) => call<S.Certificate>('POST', 'certificates', { body: b }),
  renewCert: (serial: string, b: Record<string, unknown>) =>
    call<S.Certificate>('POST', `certificates/${serial}/renew`, { body: b }),
  revokeCert: (serial: string, reason: string) => done('POST', `certificates/${serial}/revoke`, { reason }),
  clients: (signal?: AbortSignal) => items<S.SsoClient>('clients', signal),
  newClient: (b: Record<string, unknown>) => call<S.Client>('POST', 'clients', { body: b }),
  changeClient: (id: string, b: Record<string, unknown>) =>
    call<S.Client>('PATCH', `clients/${encodeURIComponent(id)}`, { body: b }),
  endClient: (id: string) => done('DELETE', `clients/${encodeURIComponent(id)}`),
  delegations: (signal?: AbortSignal) => items<S.Assignment>('delegations', signal),
  lend: (b: Record<string, unknown>) => made('delegations', b),
  endLent: (id: string) => done('DELETE', `delegations/${id}`),
  emergencies: (signal?: AbortSignal) => get<S.Emergencies>('emergencies', undefined, signal),
  askEmergency: (b: Record<string, unknown>) => made('emergencies', b),
  agree: (id: string) => done('POST', `emergencies/${id}/agree`),
  lookBack: (id: string, finding: string) => done('POST', `emergencies/${id}/review`, { finding }),
  review: (id: string, keep: boolean, reason: string) => done('POST', `assignments/${id}/review`, { keep, reason }),
  setup: (b: unknown) => done('POST', 'setup', b),
};
