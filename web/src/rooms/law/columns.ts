/** Names of the columns and the key of a table, read when first asked for. */
import { shallowRef } from 'vue';
import { law, type Column } from './law';

const known = shallowRef(new Map<string, { columns: readonly Column[]; key: readonly string[] }>());
export function useColumns(): {
  read: (table: string) => Promise<void>;
  of: (table: string) => readonly Column[];
  keyOf: (table: string) => readonly string[];
} {
  return {
    read: async (table) => {
      if (known.value.has(table)) return;
      const r = await law.table(table, { day: 'all', limit: 1 });
      known.value = new Map(known.value).set(table, { columns: r.columns, key: r.key ?? [] });
    },
    of: (table) => known.value.get(table)?.columns ?? [],
    keyOf: (table) => known.value.get(table)?.key ?? [],
  };
}
