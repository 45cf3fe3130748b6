/** The phone's own shelf: what was read for the field, drafts, and what is owed to the server. IndexedDB, written strictly. */
import type { Entry } from '@/lib/outbox';

const NAME = 'shanshui-field';
type Shelf = 'outbox' | 'kept' | 'drafts' | 'chain';
let opened: Promise<IDBDatabase> | null = null;

function database(): Promise<IDBDatabase> {
  opened ??= new Promise((done, fail) => {
    const r = indexedDB.open(NAME, 1);
    r.onupgradeneeded = () => {
      r.result.createObjectStore('outbox', { keyPath: 'id' });
      for (const s of ['kept', 'drafts', 'chain']) r.result.createObjectStore(s);
    };
    r.onsuccess = () => {
      r.result.onversionchange = () => r.result.close();
      done(r.result);
    };
    r.onerror = () => {
      opened = null;
      fail(r.error ?? new Error('IndexedDB'));
    };
  });
  return opened;
}

/** One transaction; done when it is on disk, so that what the page calls kept outlives the process. */
async function run<T>(
  shelves: Shelf[],
  mode: IDBTransactionMode,
  f: (tx: IDBTransaction) => IDBRequest<T> | void,
): Promise<T | undefined> {
  const d = await database();
  return new Promise((done, fail) => {
    const tx = d.transaction(shelves, mode, { durability: 'strict' });
    const r = f(tx);
    tx.oncomplete = () => done(r ? r.result : undefined);
    tx.onerror = tx.onabort = () => fail(tx.error ?? new Error('IndexedDB'));
  });
}
/* What reaches the store is plain: pages hold reactive objects. Bytes go as they are. */
function plain(v: unknown): unknown {
  if (!v || typeof v !== 'object' || v instanceof ArrayBuffer) return v;
  if (Array.isArray(v)) return v.map(plain);
  return Object.fromEntries(
    Object.entries(v)
      .filter(([, x]) => x !== undefined)
      .map(([k, x]) => [k, plain(x)]),
  );
}
/* A draft and what lies under it, as its pictures. */
const under = (key: string): IDBKeyRange => IDBKeyRange.bound(`${key}/`, `${key}/\uffff`);

export const shelf = {
  get: <T>(s: Shelf, key: string) => run<T>([s], 'readonly', (tx) => tx.objectStore(s).get(key) as IDBRequest<T>),
  put: (s: Exclude<Shelf, 'outbox'>, key: string, v: unknown) =>
    run([s], 'readwrite', (tx) => {
      tx.objectStore(s).put(plain(v), key);
    }),
  under: async <T>(s: Shelf, key: string): Promise<T[]> =>
    (await run<T[]>([s], 'readonly', (tx) => tx.objectStore(s).getAll(under(key)) as IDBRequest<T[]>)) ?? [],
  drop: (s: Shelf, key: string) =>
    run([s], 'readwrite', (tx) => {
      tx.objectStore(s).delete(key);
    }),
};

export const owed = {
  all: async (): Promise<Entry[]> =>
    (
      (await run<Entry[]>(['outbox'], 'readonly', (tx) => tx.objectStore('outbox').getAll() as IDBRequest<Entry[]>)) ??
      []
    ).sort((a, b) => a.seq - b.seq),
  /** Entries that belong together and the draft that they came from in one transaction: never both, never neither. */
  add: (entries: readonly Entry[], draft = '') =>
    run(['outbox', 'drafts'], 'readwrite', (tx) => {
      for (const e of entries) tx.objectStore('outbox').put(plain(e));
      if (!draft) return;
      tx.objectStore('drafts').delete(draft);
      tx.objectStore('drafts').delete(under(draft));
    }),
  change: (e: Entry) => owed.add([e]),
  drop: (id: string) => shelf.drop('outbox', id),
  /** It is done at the server: gone here, and what the case's trace counts now. */
  done: (e: Entry, n: number | undefined) =>
    run(['outbox', 'chain'], 'readwrite', (tx) => {
      tx.objectStore('outbox').delete(e.id);
      if (n !== undefined && e.n !== undefined) tx.objectStore('chain').put({ base: e.n, n }, e.group);
    }),
};

/** Who signs out leaves nothing to read; what is still owed stays, sealed to the account by its id. */
export async function forget(): Promise<void> {
  await run(['kept', 'drafts', 'chain'], 'readwrite', (tx) => {
    for (const s of ['kept', 'drafts', 'chain']) tx.objectStore(s).clear();
  });
}
