import { describe, expect, it } from 'vitest';
import type { Alarm, AlarmMember } from '@/api/types';
import { bySeverity, excess, excessText, isLow, levelOf, merge, stood, title } from './alarm';

const member = (more: Partial<AlarmMember> = {}): AlarmMember => ({
  factor: 'w01018',
  name: '化学需氧量',
  name_en: 'COD',
  unit: 'mg/L',
  averaging: 'hour',
  converted: false,
  mn: null,
  limit: { high: 50, unit: 'mg/L' },
  heard: null,
  route: null,
  start: '2026-11-27T12:00:00+08:00',
  raised: null,
  end: null,
  first: 72.5,
  peak: null,
  peak_time: null,
  count: null,
  severity: 'serious',
  standard: null,
  clause: null,
  law: null,
  first_frame: null,
  peak_frame: null,
  ...more,
});
const alarm = (more: Partial<Alarm> = {}): Alarm => ({
  id: 'a',
  kind: 'exceedance',
  severity: 'serious',
  state: 'raised',
  active: true,
  late: false,
  withdrawn: false,
  why: null,
  into: null,
  site: { id: 1, code: 'S', name: '鼓楼厂', kind: 'source_water', district: '320106' },
  point: 'DW001',
  start: '2026-11-27T12:00:00+08:00',
  raised: null,
  cleared: null,
  known: null,
  seq: 1,
  version: 1,
  rule: 'exceedance',
  law: '',
  code: 'rules/1',
  text: '',
  text_en: '',
  ack: null,
  close: null,
  member_count: 1,
  members: [member()],
  ...more,
});
const says = (key: string, named: Record<string, unknown> = {}): string => `${key}(${Object.values(named).join()})`;

describe('level', () => {
  it('is as the server grades it', () => {
    expect(levelOf(alarm({ severity: 'urgent' }))).toBe(1);
    expect(levelOf(alarm())).toBe(2);
    expect(levelOf(alarm({ severity: 'warning' }))).toBe(3);
    expect(levelOf(alarm({ severity: 'notice', site: null }))).toBe(4);
  });
  it('sorts by level, then the newest first', () => {
    const old = alarm({ id: 'old' });
    const fresh = alarm({ id: 'new', start: '2026-11-27T13:00:00+08:00' });
    const notice = alarm({ id: 'n', severity: 'notice', start: '2026-11-27T14:00:00+08:00' });
    expect([notice, old, fresh].sort(bySeverity).map((a) => a.id)).toEqual(['new', 'old', 'n']);
  });
});

describe('value against its limit', () => {
  it('says how far above', () => {
    expect(excess(member())).toBeCloseTo(0.45);
    expect(excessText(0.45, 'en')).toBe('45% above');
    expect(excessText(2.42, 'en')).toBe('3.4× the limit');
  });
  it('takes the worst value', () => expect(excess(member({ peak: 100 }))).toBeCloseTo(1));
  it('knows a value that is too low, where no ratio makes sense', () => {
    const oxygen = member({ limit: { low: 5 }, first: 2.8 });
    expect(isLow(oxygen)).toBe(true);
    expect(excess(oxygen)).toBeNull();
    const ph = member({ limit: { low: 6, high: 9 }, first: 9.4 });
    expect(isLow(ph)).toBe(false);
    expect(excess(ph)).toBeNull();
  });
});

it('names place, outlet, factor and change', () =>
  expect(title(alarm(), says, 'en')).toBe('鼓楼厂 DW001 alarm.isOver(COD)'));

it('stands until it is cleared', () => {
  const at = Date.parse('2026-11-27T15:00:00+08:00');
  expect(stood(alarm(), at)).toBe(3 * 3_600_000);
  expect(stood(alarm({ cleared: '2026-11-27T13:00:00+08:00' }), at)).toBe(3_600_000);
});

describe('the queue under the reader', () => {
  it('changes a row in its place', () => {
    const r = merge(
      [alarm({ id: 'a' }), alarm({ id: 'b' })],
      [],
      alarm({ id: 'a', seq: 2, version: 2, state: 'cleared' }),
      false,
    );
    expect(r.shown.map((x) => [x.id, x.state])).toEqual([
      ['a', 'cleared'],
      ['b', 'raised'],
    ]);
  });
  it('does not go back to an older version', () => {
    expect(merge([alarm({ version: 3, state: 'cleared' })], [], alarm({ version: 2 }), true).shown[0]!.state).toBe(
      'cleared',
    );
  });
  it('lets new ones wait, once each, and forgets those that no longer belong', () => {
    const one = merge([alarm()], [], alarm({ id: 'n' }), true);
    expect(one.waiting.map((x) => x.id)).toEqual(['n']);
    expect(merge(one.shown, one.waiting, alarm({ id: 'n', version: 2 }), true).waiting).toHaveLength(1);
    expect(merge(one.shown, one.waiting, alarm({ id: 'n', version: 2 }), false).waiting).toHaveLength(0);
  });
});
