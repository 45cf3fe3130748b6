/**
 * The server's clock as a page knows it. A sample is one round trip: the server read its clock somewhere between t0 and t1, so the
 * offset is known to half of the trip. Of the last samples the shortest trip counts. The page's own clock is the monotonic one: a step of
 * the computer's time (NTP, a person) moves nothing.
 */
export interface Sample {
  offset: number;
  half: number;
}
const KEPT = 8;

export const local = (): number => performance.timeOrigin + performance.now();

export function sample(t0: number, serverMs: number, t1: number): Sample {
  return { offset: serverMs - (t0 + t1) / 2, half: (t1 - t0) / 2 };
}

/** The one with the shortest trip; its `half` bounds its error. */
export const best = (samples: readonly Sample[]): Sample | null =>
  samples.reduce<Sample | null>((a, b) => (a === null || b.half < a.half ? b : a), null);

/** The offset moves to what was measured without a leap: at most 5 % of the time that went by, unless it is far off. */
export function slew(now: number, was: number, goal: number, passed: number): number {
  const d = goal - was;
  if (Math.abs(d) > 500 || now === 0) return goal;
  return was + Math.sign(d) * Math.min(Math.abs(d), Math.max(0, passed) * 0.05);
}

export interface Clock {
  now: () => number;
  error: () => number;
  start: () => void;
  stop: () => void;
  ready: Promise<void>;
}

/** hold: the clock stands at this moment (to photograph many screens in one frame). */
export function makeClock(ask: () => Promise<number>, hold: number | null = null): Clock {
  const samples: Sample[] = [];
  let shown = 0,
    at = 0,
    timer = 0,
    first = (): void => {};
  const ready = new Promise<void>((done) => {
    first = done;
  });
  async function measure(): Promise<void> {
    const t0 = local();
    const ms = await ask();
    samples.push(sample(t0, ms, local()));
    if (samples.length > KEPT) samples.shift();
  }
  async function round(): Promise<void> {
    let rest = 10_000;
    try {
      await measure();
      if (samples.length >= 3) first();
      if (samples.length < KEPT) rest = 60;
    } catch {
      /* The server is away: the clock goes on by what is known. */
      rest = 1000;
    }
    timer = window.setTimeout(round, rest);
  }
  function now(): number {
    if (hold !== null) return hold;
    const here = local(),
      b = best(samples);
    if (!b) return here;
    shown = slew(at, shown, b.offset, here - at);
    at = here;
    return here + shown;
  }
  return {
    now,
    error: () => best(samples)?.half ?? Infinity,
    start: () => {
      if (hold !== null) first();
      void round();
    },
    stop: () => clearTimeout(timer),
    ready,
  };
}
