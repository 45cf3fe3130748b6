import { createHash, getHashes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sm3 } from './sm3';

describe('SM3', () => {
  it('gives the digests of GB/T 32905-2016 annex A', () => {
    expect(sm3(new TextEncoder().encode('abc'))).toBe(
      '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0',
    );
    expect(sm3(new TextEncoder().encode('abcd'.repeat(16)))).toBe(
      'debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732',
    );
  });
  it.runIf(getHashes().includes('sm3'))('agrees with OpenSSL at every length around a block', () => {
    for (const n of [0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 1000, 100_003]) {
      const b = Uint8Array.from({ length: n }, (_, i) => (i * 31 + n) & 255);
      expect(sm3(b)).toBe(createHash('sm3').update(b).digest('hex'));
    }
  });
});
