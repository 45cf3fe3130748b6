/** Reading anew because something was told: asked while it reads it reads once more, and what failed is tried again. */
const AGAIN_MS = 2000;
const TRIES = 30;

/** Once more, where nothing would tell to: in a while, or as soon as there is a network again. */
export function later(f: () => void): void {
  if (navigator.onLine) setTimeout(f, AGAIN_MS);
  else addEventListener('online', f, { once: true });
}

/** f answers whether it read. After `wait` ms, so that many tellings are one reading. */
export function follow(f: () => Promise<boolean>, wait = 0): { ask: () => void; stop: () => void } {
  let timer = 0;
  let running = false;
  let asked = false;
  let left = TRIES;
  let over = false;
  async function run(): Promise<void> {
    timer = 0;
    running = true;
    asked = false;
    const read = await f().catch(() => false);
    running = false;
    if (over) return;
    if (asked) soon(wait);
    else if (!read && left-- > 0) soon(AGAIN_MS);
  }
  function soon(ms: number): void {
    if (!timer && !over) timer = window.setTimeout(() => void run(), ms);
  }
  return {
    ask: () => {
      left = TRIES;
      if (running) asked = true;
      else soon(wait);
    },
    stop: () => {
      over = true;
      clearTimeout(timer);
    },
  };
}
