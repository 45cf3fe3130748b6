/** Reading anew because something was told: asked while it reads it reads once more, and what failed is tried again. */
const AGAIN_MS = 2000;
const TRIES = 30;

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
    if (asked) later(wait);
    else if (!read && left-- > 0) later(AGAIN_MS);
  }
  function later(ms: number): void {
    if (!timer && !over) timer = window.setTimeout(() => void run(), ms);
  }
  return {
    ask: () => {
      left = TRIES;
      if (running) asked = true;
      else later(wait);
    },
    stop: () => {
      over = true;
      clearTimeout(timer);
    },
  };
}
