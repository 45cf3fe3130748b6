// The people of the business journeys and the records that they work on; made once, by the API and the modules' own tables.
import { readFileSync } from 'node:fs';
import { deflateSync, crc32 } from 'node:zlib';

const JIANGNING = '320115';
export const CITY = [
  '320102',
  '320104',
  '320105',
  '320106',
  '320111',
  '320113',
  '320114',
  '320115',
  '320116',
  '320117',
  '320118',
];

export async function people(h) {
  if (h.people.has('wang')) return;
  if (!h.people.has('sys')) await h.three();
  else for (const who of ['sys', 'sec']) await h.session(who);
  const { id: org } = await h.call('sys', 'POST', 'orgs', {
    name: '江宁生态环境局',
    kind: 'district',
    areas: [JIANGNING],
  });
  await h.person('wang', '王窗口', 'approve_window', CITY, { org });
  await h.person('sun', '孙明', 'enforce_officer', [JIANGNING], { org });
  await h.person('liuhe', '何川', 'enforce_officer', ['320116'], { org });
  await h.person('lead', '李队长', 'enforce_lead', [JIANGNING], { org });
  await h.person('data', '周数据', 'data_steward', null, { org });
  await h.person('chen', '陈法规', 'legal_review', null, { org });
}
export const table = (h, module, name) =>
  readFileSync(new URL(`../../../modules/${module}/data/${name}.csv`, import.meta.url), 'utf8');
export async function registry(h) {
  await people(h);
  if (h.seeded) return;
  h.seeded = true;
  const r = await h.call(
    'wang',
    'POST',
    'things/discharger/import',
    table(h, 'sources/registry', 'discharger').split('\n').slice(0, 121).join('\n'),
    'text/csv',
  );
  if (r.created < 100) throw new Error(`only ${JSON.stringify(r).slice(0, 800)}`);
}

/** A true picture, no two alike. */
export function png(seed) {
  const w = 160,
    height = 120,
    raw = Buffer.alloc((w * 3 + 1) * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < w; x++) {
      const o = y * (w * 3 + 1) + 1 + x * 3;
      raw[o] = (150 + seed * 7 + x / 4) & 255;
      raw[o + 1] = (160 + y / 3) & 255;
      raw[o + 2] = 150 - y / 4;
    }
  const chunk = (type, d) => {
    const b = Buffer.alloc(12 + d.length);
    b.writeUInt32BE(d.length, 0);
    b.write(type, 4, 'latin1');
    d.copy(b, 8);
    b.writeUInt32BE(crc32(b.subarray(4, 8 + d.length)), 8 + d.length);
    return b;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(w, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(raw)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
