/** The map as a sheet: title, picture, scale bar, north, legend, source and moment; PNG, or one page of PDF. */
import type { Map as MlMap } from 'maplibre-gl';
import { distance, metres, roundLength } from '@/lib/geodesy';

export interface Sheet {
  title: string;
  moment: string;
  made: string;
  source: string;
  datum: string;
  legend: { colour: string; label: string; text?: string }[];
}
const SANS = "'Noto Sans CJK SC','Microsoft YaHei',sans-serif";
const SERIF = "'Shanshui Serif','Noto Serif CJK SC',serif";

/* The picture is only there while a frame is drawn. */
const picture = (m: MlMap): Promise<ImageBitmap> =>
  new Promise((done, fail) => {
    m.once('render', () => {
      createImageBitmap(m.getCanvas()).then(done, fail);
    });
    m.triggerRepaint();
  });

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

/** A4 across at 150 dots an inch. */
export async function compose(m: MlMap, s: Sheet): Promise<HTMLCanvasElement> {
  const img = await picture(m);
  const c = document.createElement('canvas');
  c.width = 1754;
  c.height = 1240;
  const p = c.getContext('2d')!;
  const [L, T, W, H] = [50, 110, 1290, 1000];
  p.fillStyle = '#ffffff';
  p.fillRect(0, 0, c.width, c.height);
  p.fillStyle = '#1b2a2f';
  p.textAlign = 'center';
  p.font = `700 42px ${SERIF}`;
  p.fillText(s.title, c.width / 2, 72, c.width - 120);
  const k = Math.max(W / img.width, H / img.height);
  const [sw, sh] = [W / k, H / k];
  p.drawImage(img, (img.width - sw) / 2, (img.height - sh) / 2, sw, sh, L, T, W, H);
  p.strokeStyle = '#1b2a2f';
  p.lineWidth = 2;
  p.strokeRect(L, T, W, H);
  const css = img.width / m.getContainer().clientWidth;
  p.fillStyle = 'rgb(255 255 255 / 80%)';
  p.fillRect(L + 12, T + H - 56, 300, 44);
  scaleBar(p, m, L + 30, T + H - 22, css * k);
  north(p, L + W - 34, T + 60);
  legend(p, s, L + W + 30, T + 20, c.width - L - W - 60);
  p.fillStyle = '#46575c';
  p.font = `17px ${SANS}`;
  p.textAlign = 'left';
  p.fillText(`${s.moment}    ${s.datum}    ${s.made}`, L, T + H + 42, c.width - 100);
  p.fillText(s.source, L, T + H + 72, c.width - 100);
  return c;
}

function legend(p: CanvasRenderingContext2D, s: Sheet, x: number, y: number, w: number): void {
  for (const item of s.legend.slice(0, 38)) {
    p.fillStyle = item.colour;
    if (item.colour) p.fillRect(x, y - 13, 18, 14);
    p.strokeStyle = '#1b2a2f';
    p.lineWidth = 1;
    if (item.colour) p.strokeRect(x, y - 13, 18, 14);
    p.fillStyle = '#1b2a2f';
    p.font = item.colour ? `17px ${SANS}` : `700 18px ${SANS}`;
    p.textAlign = 'left';
    p.fillText(item.label, item.colour ? x + 28 : x, y, w - (item.colour ? 28 : 0));
    y += 26;
  }
}

const blob = (c: HTMLCanvasElement, type: string, quality?: number): Promise<Blob> =>
  new Promise((done, fail) => {
    c.toBlob((b) => (b ? done(b) : fail(new Error('canvas'))), type, quality);
  });

export const png = (c: HTMLCanvasElement): Promise<Blob> => blob(c, 'image/png');

/** One page, A4 across, that holds the picture (PDF 1.4, the JPEG as it is). */
export async function pdf(c: HTMLCanvasElement): Promise<Blob> {
  const jpg = new Uint8Array(await (await blob(c, 'image/jpeg', 0.93)).arrayBuffer());
  const enc = new TextEncoder();
  const draw = 'q 841.89 0 0 595.28 0 0 cm /I Do Q';
  const objects: (string | Uint8Array)[][] = [
    ['<</Type/Catalog/Pages 2 0 R>>'],
    ['<</Type/Pages/Kids[3 0 R]/Count 1>>'],
    ['<</Type/Page/Parent 2 0 R/MediaBox[0 0 841.89 595.28]/Resources<</XObject<</I 4 0 R>>>>/Contents 5 0 R>>'],
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
