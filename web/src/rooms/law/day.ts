/** The day whose law is read: in the address, so that a link says it; today where none is said. */
import { computed, type WritableComputedRef } from 'vue';
import { useRoute, useRouter } from 'vue-router';
import { date } from '@/lib/format';

const IS_DAY = /^\d{4}-\d\d-\d\d$/;
export const today = (): string => date(Date.now());
export function useDay(name = 'day', otherwise = today): WritableComputedRef<string> {
  const route = useRoute();
  const router = useRouter();
  return computed({
    get: () => (IS_DAY.test(String(route.query[name] ?? '')) ? String(route.query[name]) : otherwise()),
    set: (v) => void router.replace({ query: { ...route.query, [name]: v && v !== otherwise() ? v : undefined } }),
  });
}
