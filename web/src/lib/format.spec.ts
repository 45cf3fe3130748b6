import { describe, expect, it } from 'vitest';
import * as f from './format';

const T = f.THIN;
const at = (s: string): number => Date.parse(s);

describe('GB/T 8170 rounding', () => {
  /* The standard's own examples (3.2), to the tenth and to the unit. */
  it.each([
    [12.1498, 1, '12.1'],
    [12.1498, 0, '12'],
    [10.5, 0, '10'],
    [11.5, 0, '12'],
    [1.05, 1, '1.0'],
    [0.35, 1, '0.4'],
    [4.35, 1, '4.4'],
    [4.45, 1, '4.4'],
    [2.675, 2, '2.68'],
    [1.005, 2, '1.00'],
    [0.0325, 3, '0.032'],
    [0.0015, 3, '0.002'],
    [999.95, 1, '1000.0'],
    [1e-7, 3, '0.000'],
    [1.5e21, 0, '1500000000000000000000'],
  ])('%s to %s digits is %s', (v, d, s) => expect(f.round8170(v, d)).toBe(s));
  it('uses the real minus, and none for a rounded zero', () => {
    expect(f.round8170(-3.25, 1)).toBe('−3.2');
    expect(f.round8170(-0.04, 1)).toBe('0.0');
  });
});

describe('values', () => {
  it('shows the digits of the method', () => {
    expect(f.value(56.4, 'a34004')).toBe('56');
    expect(f.value(0.94, 'a21005')).toBe('0.9');
    expect(f.value(7.126, 'w01001')).toBe('7.13');
  });
  it('shows unknown factors as they came, at most three decimals', () => {
    expect(f.value(12.34567, 'x')).toBe('12.35');
    expect(f.value(3, 'x')).toBe('3');
    expect(f.value(0.12345, 'x')).toBe('0.123');
  });
  it('no value is a dash, zero is 0', () => {
    expect(f.value(null)).toBe('—');
    expect(f.value(NaN)).toBe('—');
    expect(f.value(0, 'a34004')).toBe('0');
  });
  it('units follow a thin space with the Greek mu', () => {
    expect(f.withUnit(56, 'ug/m3', 'a34004')).toBe(`56${T}μg/m³`);
    expect(f.withUnit(56, 'µg/m³', 'a34004')).toBe(`56${T}\u03bcg/m³`);
    expect(f.withUnit(98.6, '%')).toBe('98.6%');
    expect(f.withUnit(31, 'dB', 'LA')).toBe(`31.0${T}dB(A)`);
    expect(f.withUnit(null, 'mg/L')).toBe('—');
  });
  it('counts have thousands, prose ten-thousands', () => {
    expect(f.count(19862)).toBe('19,862');
    expect(f.count(1234567)).toBe('1,234,567');
    expect(f.countProse(18000, 'zh')).toBe(`1.8${T}万`);
    expect(f.countProse(9999, 'zh')).toBe('9,999');
    expect(f.countProse(10500000, 'zh')).toBe(`1050${T}万`);
    expect(f.countProse(1830422, 'en')).toBe('1.8M');
  });
  it('says a clause in the language of the reader', () => {
    expect(f.clauseText('表1', 'en')).toBe('Table 1');
    expect(f.clauseText('GB 3838-2002 表1', 'en')).toBe('GB 3838-2002 Table 1');
    expect(f.clauseText('附录B', 'en')).toBe('Annex B');
    expect(f.clauseText('表1', 'zh')).toBe('表1');
    expect(f.clauseText('第十八条、第一百一十二条', 'en')).toBe('Art. 18, Art. 112');
    expect(f.clauseText('表1至表3', 'en')).toBe('Table 1 to Table 3');
    expect(f.clauseText('附表二', 'en')).toBe('Annexed table 2');
    expect(f.clauseText(null, 'zh')).toBe('');
  });
  it('sets subscripts', () => {
    expect(f.subscripts('PM2.5')).toBe('PM₂.₅');
    expect(f.subscripts('PM10')).toBe('PM₁₀');
    expect(f.subscripts('NH3-N')).toBe('NH₃-N');
    expect(f.subscripts('总磷')).toBe('总磷');
  });
  it('changes carry their sign as a shape', () => {
    expect(f.change(60, 56, 'a34004')).toBe('▲ 4');
    expect(f.change(50, 56, 'a34004')).toBe('▼ 6');
    expect(f.change(56.2, 56, 'a34004')).toBe('— 0');
    expect(f.change(51.5, 51.1, 'x')).toBe('▲ 0.4');
  });
});

describe('time', () => {
  const noon = at('2026-11-23T10:31:40.418+08:00');
  it('is +08:00 wherever the browser stands', () => {
    expect(f.stamp(noon)).toBe('2026-11-23 10:31:40');
    expect(f.milli(noon)).toBe('10:31:40.418');
    expect(f.iso(noon)).toBe('2026-11-23T10:31:40.418+08:00');
    expect(f.iso(at('2026-01-01T00:00:00+08:00'))).toBe('2026-01-01T00:00:00+08:00');
  });
  it('names an hour by its end; the last of the day is 24 of that day', () => {
    expect(f.hourName(at('2026-11-23T09:00:00+08:00'))).toBe(`11-23 10${T}时`);
    expect(f.hourName(at('2026-11-22T23:00:00+08:00'))).toBe(`11-22 24${T}时`);
    expect(f.hourName(at('2026-11-22T23:00:00+08:00'), 'en')).toBe('11-22 24:00');
  });
  it('ages up to a day, then the exact time', () => {
    expect(f.age(noon - 36 * 60_000, noon, 'zh')).toBe(`36${T}分钟前`);
    expect(f.age(noon - 36 * 60_000, noon, 'en')).toBe('36 min ago');
    expect(f.age(noon - 2 * f.DAY, noon, 'zh')).toBe('11-21 10:31');
    expect(f.age(at('2020-05-08T04:00:00+08:00'), noon, 'zh')).toBe('2020-05-08');
    expect(f.age(null, noon, 'zh')).toBe('—');
  });
  it('durations', () => {
    expect(f.duration(112 * 60_000, 'zh')).toBe(`1${T}时 52${T}分`);
    expect(f.duration(3 * 3_600_000, 'zh')).toBe(`3${T}时`);
    expect(f.duration(27 * 3_600_000, 'en')).toBe(`1${T}d 3${T}h`);
  });
  it('drift says which way', () => {
    expect(f.drift(3.21, 'zh')).toBe(`+3.2${T}秒`);
    expect(f.drift(-412, 'zh')).toBe(`−6${T}分 52${T}秒`);
    expect(f.drift(null, 'zh')).toBe('—');
  });
});
