import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { arrive, pending, waiting } from './pending';

const later = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

describe('what a page waits for', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('window', { setTimeout });
  });
  afterEach(async () => {
    await vi.advanceTimersByTimeAsync(10_000);
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  it('is not told at a glance', async () => {
    arrive();
    void pending(later(250));
    await vi.advanceTimersByTimeAsync(400);
    expect(waiting.value).toBe(false);
  });
  it('is told when it takes longer, over reads one behind the other', async () => {
    arrive();
    void pending(later(500)).then(() => pending(later(500)));
    await vi.advanceTimersByTimeAsync(320);
    expect(waiting.value).toBe(true);
    await vi.advanceTimersByTimeAsync(400);
    expect(waiting.value).toBe(true);
    await vi.advanceTimersByTimeAsync(400);
    expect(waiting.value).toBe(false);
  });
  it('is of the first reads only: what is asked again later stays quiet', async () => {
    arrive();
    void pending(later(100));
    await vi.advanceTimersByTimeAsync(1000);
    void pending(later(5000));
    await vi.advanceTimersByTimeAsync(2000);
    expect(waiting.value).toBe(false);
  });
  it('ends with a refusal too', async () => {
    arrive();
    const bad = pending(later(600).then(() => Promise.reject(new Error('away'))));
    bad.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(400);
    expect(waiting.value).toBe(true);
    await vi.advanceTimersByTimeAsync(400);
    expect(waiting.value).toBe(false);
  });
});
