import { expect, it, vi } from 'vitest';
import { useAct, useRead } from './act';

vi.mock('./ui', () => ({ useUi: () => ({ lang: 'zh' }) })); /* which needs a page */

/** Work that ends when it is told to. */
function slow() {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const work = (name: string) => () =>
    new Promise<string>((done) => {
      begun.push(name);
      ends.push(() => done(name));
    });
  return { begun, ends, work };
}
const settled = () => new Promise((r) => setTimeout(r));

it('does one act at a time: the second press of a button does nothing', async () => {
  const { begun, ends, work } = slow();
  const { act, busy } = useAct();
  const first = act(work('a'));
  expect(await act(work('b'))).toBeUndefined();
  expect(busy.value).toBe(true);
  ends[0]!();
  expect(await first).toBe('a');
  expect(begun).toEqual(['a']);
  expect(busy.value).toBe(false);
});

it('reads the newest of what was asked for while it read, and answers all who asked with it', async () => {
  const { begun, ends, work } = slow();
  const { act } = useRead();
  const asked = [act(work('a')), act(work('b')), act(work('c'))];
  ends[0]!();
  await settled();
  expect(begun).toEqual(['a', 'c']);
  ends[1]!();
  expect(await Promise.all(asked)).toEqual(['c', 'c', 'c']);
  const again = act(work('d'));
  ends[2]!();
  expect(await again).toBe('d');
});

it('tells a failure until something is read, and goes on after it', async () => {
  const { act, error } = useRead();
  const failed = act(() => Promise.reject(new Error('no way')));
  await failed;
  expect(error.value).toContain('no way');
  expect(await act(() => Promise.resolve(1))).toBe(1);
  expect(error.value).toBe('');
});
