import { afterEach, expect, it, vi } from 'vitest';
import { ApiError, call, passing } from './client';

afterEach(() => vi.unstubAllGlobals());

const cut = () =>
  new Response(
    new ReadableStream({
      start: (c) => c.error(new TypeError('Failed to fetch')),
    }),
    { status: 200 },
  );

it('a line cut before the answer or in the middle of it is nobody answering', async () => {
  for (const answer of [() => Promise.reject(new TypeError('Failed to fetch')), () => Promise.resolve(cut())]) {
    vi.stubGlobal('fetch', answer);
    const e: unknown = await call('GET', 'sites').catch((x: unknown) => x);
    expect(e).toBeInstanceOf(ApiError);
    expect(passing(e)).toBe(true);
  }
});
