import { expect, it } from 'vitest';
import { groupsOf, pathOf, type Module } from './menu';

const t = (zh: string) => ({ zh, en: zh });
const NONE = { rows: [], menu: [], views: [], types: [], flows: [], layers: [] };
const M: Module[] = [
  {
    ...NONE,
    id: 'enforcement/penalties',
    title: t('行政处罚'),
    menu: [{ id: 'enforcement', title: t('执法'), order: 40 }],
    views: [{ id: 'board', title: t('处罚案件'), menu: 'enforcement', flow: 'penalty', layout: 'board' }],
    types: [{ id: 'penalty_case', title: t('案件') }],
    flows: [{ id: 'penalty', title: t('行政处罚'), record: 'penalty_case' }],
  },
  {
    ...NONE,
    id: 'sources/registry',
    title: t('一企一档'),
    menu: [{ id: 'sources', title: t('污染源'), order: 20 }],
    views: [{ id: 'map', title: t('名录地图'), menu: 'sources', type: 'discharger', layout: 'map' }],
    types: [
      { id: 'discharger', title: t('排污单位') },
      { id: 'outlet', title: t('排口') },
    ],
  },
  {
    ...NONE,
    id: 'enforcement/inspections',
    title: t('检查'),
    views: [{ id: 'draws', title: t('抽取'), menu: 'enforcement', flow: 'draw', layout: 'list' }],
  },
];

it('groups stand in their order with the first character of their name', () => {
  const g = groupsOf(M);
  expect(g.map((x) => [x.id, x.glyph])).toEqual([
    ['sources', '污'],
    ['enforcement', '执'],
  ]);
});
it('views first, then what no view shows but the records of flows; modules may share a group', () => {
  const [s, e] = groupsOf(M);
  expect(s!.entries.map((x) => x.path)).toEqual(['/r/discharger?layout=map&view=map', '/r/outlet']);
  expect(e!.entries.map((x) => x.key)).toEqual(['v:board', 'v:draws']);
});
it('records and cases that are shown on a page of another path belong to its group all the same', () => {
  const g = groupsOf([
    {
      ...NONE,
      id: 'office/events',
      title: t('事件'),
      views: [{ id: 'roster', title: t('值守表'), type: 'shift', layout: 'list' }],
      types: [{ id: 'shift', title: t('班次') }],
    },
  ]);
  expect(g.map((x) => [x.entries.map((e) => e.path), x.also])).toEqual([[['/desk/roster'], ['/r/shift']]]);
});
it('what a room on the rail shows has no entry beside it', () => {
  expect(
    groupsOf([
      {
        ...NONE,
        id: 'display/board',
        title: t('数据集与图'),
        types: [
          { id: 'data_set', title: t('数据集') },
          { id: 'chart', title: t('图') },
        ],
      },
    ]),
  ).toEqual([]);
  expect(
    groupsOf(
      [{ ...NONE, id: 'display/board', title: t('数据集与图'), types: [{ id: 'chart', title: t('图') }] }],
      () => false,
    ),
  ).toHaveLength(1);
});
it('a view leads to its page', () => {
  expect(pathOf({ id: 'x', title: t('x'), flow: 'penalty', layout: 'list' })).toBe('/c/penalty?view=x');
  expect(pathOf({ id: 'y', title: t('y'), type: 'permit', layout: 'list' })).toBe('/r/permit?view=y');
});
