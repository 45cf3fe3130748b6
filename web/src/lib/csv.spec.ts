import { expect, it } from 'vitest';
import { csv, csvField } from './csv';

it('quotes by RFC 4180', () => {
  expect(csvField('a,b')).toBe('"a,b"');
  expect(csvField('say "x"')).toBe('"say ""x"""');
  expect(csvField(null)).toBe('');
});
it('keeps numbers, disarms formulas', () => {
  expect(csvField(-3.2)).toBe('-3.2');
  expect(csvField('-3.2')).toBe('-3.2');
  expect(csvField('=cmd()')).toBe("'=cmd()");
  expect(csvField('@x')).toBe("'@x");
});
it('starts with a mark that spreadsheets read as UTF-8', () => {
  expect(csv([['时间', 1]])).toBe('\uFEFF时间,1\r\n');
});
