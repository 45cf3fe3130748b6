/**
 * Without a graphics card a new drawing of the map takes a tenth of a second and more, and nothing else on the page moves meanwhile. So while the map
 * moves, the drawing that is there is laid where it now belongs (a transform of its canvas, which costs next to nothing), and a new one is made when the
 * hand rests or when too much of the view has nothing to show. Where a graphics card draws, every frame is a new drawing, as ever.
 */
import type { LngLat, Map as MlMap } from 'maplibre-gl';

/** Where the upper left corner of the last drawing lies now, and how much larger a pixel of it is. */
export interface Lie {
  x: number;
  y: number;
  scale: number;
}
const BARE = 1 / 6; /* so much of the width or height may have nothing to show */
const REST_MS = 150;

/** Whether the last drawing no longer does for a view of this size. */
export function outworn(l: Lie, w: number, h: number): boolean {
  const right = w - (l.x + w * l.scale);
  const low = h - (l.y + h * l.scale);
  return l.scale > 2 || Math.max(l.x, right) > w * BARE || Math.max(l.y, low) > h * BARE;
}
/** Whole pixels where nothing is scaled: they are copied, others would have to be worked out. */
export const placed = (l: Lie): string =>
  l.scale === 1
    ? `translate(${Math.round(l.x)}px, ${Math.round(l.y)}px)`
    : `translate(${l.x}px, ${l.y}px) scale(${l.scale})`;

/** What draws, as the browser tells it. */
export function drawnBySoftware(gl: WebGLRenderingContext | WebGL2RenderingContext): boolean {
  const told = gl.getExtension('WEBGL_debug_renderer_info');
  const name = String(gl.getParameter(told ? told.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
  return /swiftshader|llvmpipe|softpipe|software|basic render/i.test(name);
}

export function glide(m: MlMap): void {
  if (!drawnBySoftware(m.painter.context.gl)) return;
  const canvas = m.getCanvas();
  const whole = m._render.bind(m);
  let last: { corner: LngLat; zoom: number } | null = null;
  let rest: ReturnType<typeof setTimeout> | undefined;

  function lie(): Lie | null {
    if (!last) return null;
    const p = m.project(last.corner);
    const scale = 2 ** (m.getZoom() - last.zoom);
    return { x: p.x, y: p.y, scale: Math.abs(scale - 1) < 1e-6 ? 1 : scale };
  }
  function anew(at: number): void {
    clearTimeout(rest);
    canvas.style.transform = '';
    whole(at);
    last = { corner: m.unproject([0, 0]), zoom: m.getZoom() };
  }
  m._render = (at: number): MlMap => {
    m._renderTaskQueue.run(at);
    const l = m.isMoving() ? lie() : null;
    if (!l || outworn(l, canvas.clientWidth, canvas.clientHeight)) {
      anew(at);
      return m;
    }
    canvas.style.transform = placed(l);
    clearTimeout(rest);
    rest = setTimeout(() => {
      last = null;
      m.triggerRepaint();
    }, REST_MS);
    return m;
  };
  /* A canvas of another size is empty. */
  m.on('resize', () => (last = null));
  m.on('remove', () => clearTimeout(rest));
}
