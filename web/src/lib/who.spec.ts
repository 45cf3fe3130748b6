import { expect, it } from 'vitest';
import { whoName, type Said } from './who';

const say: Said = (k, n) => (n === undefined ? `<${k}>` : `<${k} ${n}>`);
const who = (z: string | null | undefined): string => whoName(z, say, (id) => (id === 'office/events' ? '事件' : ''));

it('the machine is told in words, people by their names', () => {
  expect(who('local')).toBe('<local>');
  expect(who('system')).toBe('<system>');
  expect(who('os:root')).toBe('<os root>');
  expect(who('job:audit')).toBe('<job audit>');
  expect(who('office/events')).toBe('<module 事件>');
  expect(who('water/unknown')).toBe('<system>');
  for (const z of ['王海', 'locally', 'wang.hai', '生态/环境']) expect(who(z)).toBe(z);
  expect([who(''), who(undefined), who(null)]).toEqual(['', '', '']);
});
