/** A chart as a picture to keep: its title above, where it comes from below. */
export interface Sheet {
  picture: string; /* data URL, `scale` times w by h */
  w: number;
  h: number;
  title: string;
  note: string;
  ground: string;
  ink: string;
  ink2: string;
  font: string;
}
export const PICTURE_SCALE = 2;

export async function sheet(s: Sheet): Promise<Blob> {
  const page = document.createElement('canvas');
  page.width = (s.w + 24) * PICTURE_SCALE;
  page.height = (s.h + 84) * PICTURE_SCALE;
  const p = page.getContext('2d')!;
  p.scale(PICTURE_SCALE, PICTURE_SCALE);
  p.fillStyle = s.ground;
  p.fillRect(0, 0, s.w + 24, s.h + 84);
  p.fillStyle = s.ink;
  p.font = `700 16px ${s.font}`;
  p.fillText(s.title, 12, 28, s.w);
  if (s.picture) {
    const img = new Image();
    img.src = s.picture;
    await img.decode();
    p.drawImage(img, 12, 40, s.w, s.h);
  }
  p.fillStyle = s.ink2;
  p.font = `11px ${s.font}`;
  p.fillText(s.note, 12, s.h + 66, s.w);
  return new Promise((done, fail) => page.toBlob((b) => (b ? done(b) : fail(new Error('no picture'))), 'image/png'));
}
