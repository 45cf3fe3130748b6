import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { verifyDraw, type DrawKit } from './draw';

/* A published draw that tests/draw/replay.mjs (node's own SM3, another hand) replays. */
const text = readFileSync(new URL('../../../tests/golden/draw-kit.json', import.meta.url), 'utf8');
const kit = (): DrawKit => JSON.parse(text) as DrawKit;
const failed = (k: DrawKit): string => verifyDraw(k).find((f) => f.ok === false)?.step ?? '';

test('a published draw holds, step by step', () => {
  const all = verifyDraw(kit());
  expect(all.map((f) => f.ok)).toEqual(all.map(() => true));
  expect(all.find((f) => f.step === 'swaps')!.n).toBe(1);
});

test('whatever was changed is found at its step, and nothing behind it is judged', () => {
  const changed: [string, (k: DrawKit) => void][] = [
    [
      'order',
      (k) => {
        k.objects = k.objects!.split('\n').reverse().join('\n');
      },
    ],
    [
      'objects',
      (k) => {
        k.objects = k.objects!.replace('1000', '1001');
      },
    ],
    [
      'officers',
      (k) => {
        k.officers = `${k.officers!}0`;
      },
    ],
    [
      'secret',
      (k) => {
        k.secret = `${k.secret!} `;
      },
    ],
    [
      'seed',
      (k) => {
        k.public_number = `${k.public_number}1`;
      },
    ],
    [
      'results',
      (k) => {
        k.results!.reverse();
      },
    ],
    [
      'results',
      (k) => {
        k.results!.pop();
      },
    ],
    [
      'position',
      (k) => {
        k.position++;
      },
    ],
    [
      'swaps',
      (k) => {
        k.swaps![0]!.incoming = k.swaps![0]!.outgoing;
      },
    ],
    [
      'swaps',
      (k) => {
        k.swaps![0]!.outgoing = 'ZF999';
      },
    ],
  ];
  for (const [step, change] of changed) {
    const k = kit();
    change(k);
    expect(failed(k), step).toBe(step);
  }
  const k = kit();
  k.secret = 'x';
  expect(verifyDraw(k).filter((f) => f.ok === null)).toHaveLength(4);
});
