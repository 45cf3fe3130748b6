import { expect, it } from 'vitest';
import { addVisit, type Visit } from './visited';

const v = (path: string, at: number): Visit => ({ path, name: 'case', params: {}, at });

it('the newest first, each once, no more than twelve', () => {
  let list: Visit[] = [];
  for (let i = 0; i < 20; i++) list = addVisit(list, v(`/c/event/${i}`, i));
  expect(list.map((x) => x.at)).toEqual([19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8]);
  list = addVisit(list, v('/c/event/15', 30));
  expect(list.map((x) => x.path).slice(0, 2)).toEqual(['/c/event/15', '/c/event/19']);
  expect(list.length).toBe(12);
});
