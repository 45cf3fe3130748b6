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
/* What reaches the store is plain: pages hold reactive objects. */
const plain = <T>(v: T): T => JSON.parse(JSON.stringify(v)) as T;

export const shelf = {
  get: <T>(s: Shelf, key: string) => run<T>([s], 'readonly', (tx) => tx.objectStore(s).get(key) as IDBRequest<T>),
  put: (s: Exclude<Shelf, 'outbox'>, key: string, v: unknown) =>
    run([s], 'readwrite', (tx) => {
      tx.objectStore(s).put(plain(v), key);
    }),
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
  /** The draft that it came from goes in the same transaction: never both, never neither. */
  add: (e: Entry, draft = '') =>
    run(['outbox', 'drafts'], 'readwrite', (tx) => {
      const { bytes, ...rest } = e;
      tx.objectStore('outbox').put({ ...plain(rest), ...(bytes ? { bytes } : {}) });
      if (draft) tx.objectStore('drafts').delete(draft);
    }),
  change: (e: Entry) => owed.add(e),
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
