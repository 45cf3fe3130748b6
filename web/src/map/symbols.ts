/**
 * Symbols of the map, drawn once each on a canvas: one silhouette a kind, state by outline and badge, so that a grey print
 * still reads. The id of an image says all that it shows.
 */
import { SHAPE, type Level } from '@/lib/alarm';
import { INK, token } from '@/lib/palette';

export interface Face {
  kind: string;
  /** online, silent, partial, never, stopped; stale is online with old data. */
  state: string;
  text: string;
  /** A law's fill, or '' for the neutral one. */
  fill: string;
  ink: string;
}

export const faceId = (f: Face): string => [f.kind, f.state, f.text, f.fill, f.ink].join('|');
export function faceOf(id: string): Face | null {
  const [kind, state, text, fill, ink] = id.split('|');
  return ink === undefined ? null : { kind: kind!, state: state!, text: text!, fill: fill!, ink };
}

const SIZE = 35;
const RATIO = 2;
type Pen = CanvasRenderingContext2D;

function silhouette(p: Pen, kind: string): void {
  p.beginPath();
  switch (kind) {
    case 'air':
    case 'roadside':
      p.arc(0, 0, 12.5, 0, 2 * Math.PI);
      break;
    case 'water':
    case 'rural':
      p.moveTo(-10.5, -7);
      p.quadraticCurveTo(0, -14, 10.5, -7);
      p.bezierCurveTo(11.5, 2, 5, 8, 0, 12.5);
      p.bezierCurveTo(-5, 8, -11.5, 2, -10.5, -7);
      break;
    case 'drinking':
      p.moveTo(0, -12);
      p.lineTo(12, 0);
      p.lineTo(0, 12);
      p.lineTo(-12, 0);
      break;
    case 'noise':
      p.rect(-10.5, -10.5, 21, 21);
      break;
    case 'dust':
      p.moveTo(-12, 8);
      p.lineTo(-5, -2);
      p.lineTo(0, 3);
      p.lineTo(4, -1);
      p.lineTo(12, 8);
      break;
    case 'weather':
      p.moveTo(-6, 10);
      p.lineTo(-6, -10);
      p.lineTo(8, -5);
      p.lineTo(-6, 0);
      break;
    default:
      p.moveTo(-10, 8.5);
      p.lineTo(-10, -0.5);
      p.lineTo(-3.5, -0.5);
      p.lineTo(-3.5, -8.5);
      p.lineTo(2, -8.5);
      p.lineTo(2, -0.5);
      p.lineTo(10, -0.5);
      p.lineTo(10, 8.5);
  }
  p.closePath();
}

function clock(p: Pen): void {
  p.setLineDash([]);
  p.beginPath();
  p.arc(11, -10, 5.5, 0, 2 * Math.PI);
  p.fillStyle = token('surface');
  p.strokeStyle = token('gamboge');
  p.lineWidth = 1.4;
  p.fill();
  p.stroke();
  p.beginPath();
  p.moveTo(11, -13.2);
  p.lineTo(11, -10);
  p.lineTo(13.4, -9);
  p.stroke();
}

function words(p: Pen, f: Face, ink: string): void {
  if (!f.text) return;
  const long = [...f.text].length;
  p.fillStyle = ink;
  p.textAlign = 'center';
  p.textBaseline = 'middle';
  const serif = f.kind === 'water' || f.kind === 'drinking';
  const size = serif ? (long > 1 ? 9 : 12) : long > 2 ? 10.5 : 12;
  p.font = `700 ${size}px ${serif ? "'Shanshui Serif','Noto Serif CJK SC',serif" : "'Noto Sans CJK SC','Microsoft YaHei',sans-serif"}`;
  p.fillText(f.text, 0, f.kind === 'water' ? -1.5 : 0.5);
}

export function draw(f: Face): ImageData {
  const c = document.createElement('canvas');
  c.width = c.height = SIZE * RATIO;
  const p = c.getContext('2d', { willReadFrequently: true })!;
  p.scale(RATIO, RATIO);
  p.translate(SIZE / 2, SIZE / 2);
  p.lineJoin = 'round';
  const away = f.state === 'silent' || f.state === 'never';
  const old = f.state === 'stale' || f.state === 'partial';
  const law = f.fill !== '' && !away;
  silhouette(p, f.kind);
  p.strokeStyle = token('halo');
  p.lineWidth = 4;
  p.stroke();
  p.fillStyle = away ? token('sunken') : token('surface');
  p.fill();
  if (law) {
    p.globalAlpha = old ? 0.6 : 1;
    p.fillStyle = f.fill;
    p.fill();
    p.globalAlpha = 1;
  }
  p.strokeStyle = law ? INK : away ? token('ink2') : token('ink');
  p.lineWidth = law ? 1.1 : 1.4;
  if (away) p.setLineDash([2.6, 2]);
  p.stroke();
  p.setLineDash([]);
  if (f.state === 'stopped') {
    p.beginPath();
    p.moveTo(-9, 9);
    p.lineTo(9, -9);
    p.stroke();
  }
  words(p, f, law ? f.ink : away ? token('ink3') : token('ink'));
  if (f.kind === 'dust' && !away) dots(p);
  if (old) clock(p);
  return p.getImageData(0, 0, c.width, c.height);
}

function dots(p: Pen): void {
  p.fillStyle = token('ink');
  for (const [x, y] of [
    [-7, -8],
    [0, -7],
    [6, -9],
  ] as const) {
    p.beginPath();
    p.arc(x, y, 1.2, 0, 2 * Math.PI);
    p.fill();
  }
}

/** A cluster: white disc, ring with an ochre arc for the share (in tenths) of what is offline or old. */
/** A level in its shape with its figure, as the queue shows it. */
export function drawLevel(level: Level): ImageData {
  const d = 20;
  const c = document.createElement('canvas');
  c.width = c.height = (d + 6) * RATIO;
  const p = c.getContext('2d', { willReadFrequently: true })!;
  p.scale(RATIO, RATIO);
  p.translate(3, 3);
  const shape = new Path2D(SHAPE[level]);
  p.lineJoin = 'round';
  p.strokeStyle = token('halo');
  p.lineWidth = 4;
  p.stroke(shape);
  p.fillStyle = token(`severity-${level}`);
  p.fill(shape);
  p.fillStyle = token('on-severity');
  p.font = `700 ${level === 2 ? 11 : 12}px 'Noto Sans CJK SC', sans-serif`;
  p.textAlign = 'center';
  p.fillText(String(level), d / 2, level === 2 ? 16 : 14.4);
  return p.getImageData(0, 0, c.width, c.height);
}

export function drawCluster(step: 0 | 1 | 2, tenths: number): ImageData {
  const d = [28, 32, 36][step]!;
  const c = document.createElement('canvas');
  c.width = c.height = (d + 6) * RATIO;
  const p = c.getContext('2d', { willReadFrequently: true })!;
  p.scale(RATIO, RATIO);
  p.translate(d / 2 + 3, d / 2 + 3);
  p.beginPath();
  p.arc(0, 0, d / 2, 0, 2 * Math.PI);
  p.strokeStyle = token('halo');
  p.lineWidth = 4;
  p.stroke();
  p.fillStyle = token('surface');
  p.fill();
  p.strokeStyle = token('ink');
  p.lineWidth = 1.2;
  p.stroke();
  if (tenths > 0) {
    p.beginPath();
    p.arc(0, 0, d / 2 - 2.4, -Math.PI / 2, -Math.PI / 2 + (tenths / 10) * 2 * Math.PI);
    p.strokeStyle = token('ochre');
    p.lineWidth = 3;
    p.stroke();
  }
  return p.getImageData(0, 0, c.width, c.height);
}
