/** What a page waits for before it can say anything: told once it takes longer than a glance, until the page has what it first asked for. */
import { ref } from 'vue';

const GLANCE_MS = 300;
/** Reads one behind the other are one wait. */
const SETTLED_MS = 80;

export const waiting = ref(false);
let open = 0;
let arriving = false;
let glance = 0;
let settled = 0;

/** A page was turned to. */
export function arrive(): void {
  arriving = true;
  clearTimeout(glance);
  clearTimeout(settled);
  glance = window.setTimeout(() => {
    waiting.value = arriving && open > 0;
  }, GLANCE_MS);
  settle();
}

/** Counts a read from its question to its answer, good or bad. */
export async function pending<T>(read: Promise<T>): Promise<T> {
  open++;
  clearTimeout(settled);
  try {
    return await read;
  } finally {
    open--;
    settle();
  }
}

function settle(): void {
  if (open) return;
  clearTimeout(settled);
  settled = window.setTimeout(() => {
    arriving = false;
    waiting.value = false;
  }, SETTLED_MS);
}
