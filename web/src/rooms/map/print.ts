/** The map as a sheet, A4 as the map lies (across or upright): title, picture, scale bar, north, legend, source and moment; PNG, or one page of PDF. */
import type { Map as MlMap } from 'maplibre-gl';
import { distance, metres, roundLength } from '@/lib/geodesy';

export interface Sheet {
  title: string;
  moment: string;
  made: string;
  source: string;
  datum: string;
  legend: { colour: string; label: string }[];
  more: (n: number) => string;
}
const SANS = "'Noto Sans CJK SC','Microsoft YaHei',sans-serif";
const SERIF = "'Shanshui Serif','Noto Serif CJK SC',serif";

/* The picture is only there while a frame is drawn; fine enough for the sheet, it is drawn once more for it. */
async function picture(m: MlMap, ratio: number): Promise<ImageBitmap> {
  const was = m.getPixelRatio();
  const frame = (): Promise<ImageBitmap> =>
    new Promise((done, fail) => {
      m.once('render', () => {
        createImageBitmap(m.getCanvas()).then(done, fail);
      });
      m.triggerRepaint();
    });
  if (m.isMoving()) await m.once('moveend');
  if (ratio <= was) return frame();
  m.setPixelRatio(ratio);
  try {
    return await frame();
  } finally {
    m.setPixelRatio(was);
  }
}

function scaleBar(p: CanvasRenderingContext2D, m: MlMap, x: number, y: number, ratio: number): void {
  const c = m.getContainer();
  const a = m.unproject([c.clientWidth / 2 - 50, c.clientHeight / 2]);
  const b = m.unproject([c.clientWidth / 2 + 50, c.clientHeight / 2]);
  const perPixel = distance([a.lng, a.lat], [b.lng, b.lat]) / (100 * ratio);
  const bar = roundLength(perPixel * 220);
  const w = bar / perPixel;
  p.strokeStyle = p.fillStyle = '#1b2a2f';
  p.lineWidth = 2;
  p.beginPath();
  p.moveTo(x, y - 8);
  p.lineTo(x, y);
  p.lineTo(x + w, y);
  p.lineTo(x + w, y - 8);
  p.moveTo(x + w / 2, y);
  p.lineTo(x + w / 2, y - 5);
  p.stroke();
  p.font = `16px ${SANS}`;
  p.textAlign = 'left';
  p.fillText('0', x - 4, y - 12);
  p.textAlign = 'center';
  p.fillText(metres(bar).replace(/\.00? /, ' '), x + w, y - 12);
}

interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}
/** At 150 dots an inch: the sheet, the picture on it, and the columns of the legend. */
export function layout(upright: boolean): { w: number; h: number; map: Box; legend: Box[] } {
  const column = (x: number): Box => ({ x, y: 1390, w: 350, h: 220 });
  return upright
    ? { w: 1240, h: 1754, map: { x: 50, y: 110, w: 1140, h: 1250 }, legend: [column(50), column(445), column(840)] }
    : {
        w: 1754,
        h: 1240,
        map: { x: 50, y: 110, w: 1290, h: 1000 },
        legend: [{ x: 1370, y: 130, w: 334, h: 990 }],
      };
}

function north(p: CanvasRenderingContext2D, x: number, y: number): void {
  p.fillStyle = '#1b2a2f';
  p.beginPath();
  p.moveTo(x, y - 26);
  p.lineTo(x + 9, y);
  p.lineTo(x, y - 6);
  p.lineTo(x - 9, y);
  p.fill();
  p.font = `700 16px ${SANS}`;
  p.textAlign = 'center';
  p.fillText('N', x, y - 30);
}

function frame(p: CanvasRenderingContext2D, img: ImageBitmap, b: Box): void {
  const k = Math.max(b.w / img.width, b.h / img.height);
  const [sw, sh] = [b.w / k, b.h / k];
  p.drawImage(img, (img.width - sw) / 2, (img.height - sh) / 2, sw, sh, b.x, b.y, b.w, b.h);
  p.strokeStyle = '#1b2a2f';
  p.lineWidth = 2;
  p.strokeRect(b.x, b.y, b.w, b.h);
}

export async function compose(m: MlMap, s: Sheet): Promise<HTMLCanvasElement> {
  const { clientWidth: width, clientHeight: height } = m.getContainer();
  const sheet = layout(height > width);
  const at = sheet.map;
  const k = Math.max(at.w / width, at.h / height);
  const img = await picture(m, Math.min(4, k));
  const c = document.createElement('canvas');
  [c.width, c.height] = [sheet.w, sheet.h];
  const p = c.getContext('2d')!;
  p.fillStyle = '#ffffff';
  p.fillRect(0, 0, c.width, c.height);
  p.fillStyle = '#1b2a2f';
  p.textAlign = 'center';
  p.font = `700 42px ${SERIF}`;
  p.fillText(s.title, c.width / 2, 72, c.width - 120);
  frame(p, img, at);
  p.fillStyle = 'rgb(255 255 255 / 80%)';
  p.fillRect(at.x + 12, at.y + at.h - 56, 300, 44);
  scaleBar(p, m, at.x + 30, at.y + at.h - 22, k);
  north(p, at.x + at.w - 34, at.y + 60);
  legend(p, s, sheet.legend);
  p.fillStyle = '#46575c';
  p.font = `17px ${SANS}`;
  p.textAlign = 'left';
  const foot = [s.moment, s.datum, s.made].join('    ');
  p.fillText(foot, at.x, c.height - 88, c.width - 100);
  p.fillText(s.source, at.x, c.height - 58, c.width - 100);
  return c;
}

function entry(p: CanvasRenderingContext2D, item: Sheet['legend'][number], x: number, y: number, w: number): void {
  p.fillStyle = item.colour;
  if (item.colour) p.fillRect(x, y - 13, 18, 14);
  p.strokeStyle = '#1b2a2f';
  p.lineWidth = 1;
  if (item.colour) p.strokeRect(x, y - 13, 18, 14);
  p.fillStyle = '#1b2a2f';
  p.font = item.colour ? `17px ${SANS}` : `700 18px ${SANS}`;
  p.textAlign = 'left';
  p.fillText(item.label, item.colour ? x + 28 : x, y, w - (item.colour ? 28 : 0));
}

/** Row by row down the columns; what has no room is counted in the last line. */
function legend(p: CanvasRenderingContext2D, s: Sheet, columns: Box[]): void {
  const ROW = 26;
  const rows = columns.flatMap((b) =>
    Array.from({ length: Math.floor(b.h / ROW) }, (_, i) => ({ x: b.x, y: b.y + i * ROW, w: b.w })),
  );
  let at = 0;
  for (const [i, item] of s.legend.entries()) {
    /* A heading never ends a column. */
    if (!item.colour && rows[at + 1] && rows[at + 1]!.x !== rows[at]!.x) at++;
    const row = rows[at++];
    if (!row) return;
    const left = s.legend.length - i;
    const full = at === rows.length && left > 1;
    entry(p, full ? { colour: '', label: s.more(left) } : item, row.x, row.y, row.w);
  }
}

const blob = (c: HTMLCanvasElement, type: string, quality?: number): Promise<Blob> =>
  new Promise((done, fail) => {
    c.toBlob((b) => (b ? done(b) : fail(new Error('canvas'))), type, quality);
  });

export const png = (c: HTMLCanvasElement): Promise<Blob> => blob(c, 'image/png');

/** One page of A4 that holds the picture (PDF 1.4, the JPEG as it is). */
export async function pdf(c: HTMLCanvasElement): Promise<Blob> {
  const jpg = new Uint8Array(await (await blob(c, 'image/jpeg', 0.93)).arrayBuffer());
  const enc = new TextEncoder();
  const [w, h] = c.width > c.height ? [841.89, 595.28] : [595.28, 841.89];
  const draw = `q ${w} 0 0 ${h} 0 0 cm /I Do Q`;
  const objects: (string | Uint8Array)[][] = [
    ['<</Type/Catalog/Pages 2 0 R>>'],
    ['<</Type/Pages/Kids[3 0 R]/Count 1>>'],
    [`<</Type/Page/Parent 2 0 R/MediaBox[0 0 ${w} ${h}]/Resources<</XObject<</I 4 0 R>>>>/Contents 5 0 R>>`],
    [
      `<</Type/XObject/Subtype/Image/Width ${c.width}/Height ${c.height}/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode/Length ${jpg.length}>>stream\n`,
      jpg,
      '\nendstream',
    ],
    [`<</Length ${draw.length}>>stream\n${draw}\nendstream`],
  ];
  const out: Uint8Array[] = [];
  const at: number[] = [];
  let n = 0;
  const put = (x: string | Uint8Array): void => {
    const b = typeof x === 'string' ? enc.encode(x) : x;
    out.push(b);
    n += b.length;
  };
  put('%PDF-1.4\n');
  objects.forEach((o, i) => {
    at.push(n);
    put(`${i + 1} 0 obj\n`);
    o.forEach(put);
    put('\nendobj\n');
  });
  const xref = n;
  put(
    `xref\n0 ${at.length + 1}\n0000000000 65535 f \n${at.map((a) => `${String(a).padStart(10, '0')} 00000 n \n`).join('')}trailer<</Size ${at.length + 1}/Root 1 0 R>>\nstartxref\n${xref}\n%%EOF\n`,
  );
  return new Blob(out as BlobPart[], { type: 'application/pdf' });
}

export function save(b: Blob, name: string): void {
  const a = document.createElement('a');
  a.href = URL.createObjectURL(b);
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 10_000);
}
