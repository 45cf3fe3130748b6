/** SM3 (GB/T 32905-2016): the digest of evidence where it is made. The browser has none of its own. */
const IV = [0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600, 0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e];
const rol = (x: number, n: number): number => (x << n) | (x >>> (32 - n));
const p0 = (x: number): number => x ^ rol(x, 9) ^ rol(x, 17);
const p1 = (x: number): number => x ^ rol(x, 15) ^ rol(x, 23);

function block(v: Int32Array, data: DataView, at: number, w: Int32Array): void {
  for (let j = 0; j < 16; j++) w[j] = data.getInt32(at + 4 * j);
  for (let j = 16; j < 68; j++) w[j] = p1(w[j - 16]! ^ w[j - 9]! ^ rol(w[j - 3]!, 15)) ^ rol(w[j - 13]!, 7) ^ w[j - 6]!;
  let [a, b, c, d, e, f, g, h] = v as unknown as [number, number, number, number, number, number, number, number];
  for (let j = 0; j < 64; j++) {
    const early = j < 16;
    const s1 = rol((rol(a, 12) + e + rol(early ? 0x79cc4519 : 0x7a879d8a, j % 32)) | 0, 7);
    const s2 = s1 ^ rol(a, 12);
    const t1 = ((early ? a ^ b ^ c : (a & b) | (a & c) | (b & c)) + d + s2 + (w[j]! ^ w[j + 4]!)) | 0;
    const t2 = ((early ? e ^ f ^ g : (e & f) | (~e & g)) + h + s1 + w[j]!) | 0;
    d = c;
    c = rol(b, 9);
    b = a;
    a = t1;
    h = g;
    g = rol(f, 19);
    f = e;
    e = p0(t2);
  }
  for (const [i, x] of [a, b, c, d, e, f, g, h].entries()) v[i] = v[i]! ^ x;
}

export function sm3(bytes: Uint8Array): string {
  const whole = bytes.length - (bytes.length % 64);
  const tail = new Uint8Array(bytes.length - whole < 56 ? 64 : 128);
  tail.set(bytes.subarray(whole));
  tail[bytes.length - whole] = 0x80;
  const end = new DataView(tail.buffer);
  end.setBigUint64(tail.length - 8, BigInt(bytes.length) * 8n);
  const v = Int32Array.from(IV),
    w = new Int32Array(68);
  const data = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < whole; at += 64) block(v, data, at, w);
  for (let at = 0; at < tail.length; at += 64) block(v, end, at, w);
  return [...v].map((x) => (x >>> 0).toString(16).padStart(8, '0')).join('');
}
