/** Drawing on the map: a length, an area, an outline or a line with a buffer to select by. Double click or finish() ends, Esc gives up. */
import type { Feature } from 'geojson';
import type { Map as MlMap, MapMouseEvent } from 'maplibre-gl';
import { computed, ref, shallowRef } from 'vue';
import { area, circle, length, metres, squareMetres, type Spot } from '@/lib/geodesy';
import { drawOn } from '@/map/overlay';

export type Mode = 'none' | 'here' | 'length' | 'area' | 'select' | 'buffer';

export function useDraw(done: (mode: Mode, path: Spot[]) => void) {
  const mode = ref<Mode>('none');
  const path = shallowRef<Spot[]>([]);
  const said = ref('');
  const buffer = ref(500);
  let ring: Spot[] | null = null;
  let map: MlMap | null = null;
  let hover: Spot | null = null;
  const over = ref(false);
  const closed = (): boolean => mode.value === 'area' || mode.value === 'select';
  const finishable = computed(() => !over.value && path.value.length >= (closed() ? 3 : 2));

  function features(): Feature[] {
    const out: Feature[] = [];
    if (ring) out.push({ type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [ring] } });
    const pts = hover && !over.value && path.value.length ? [...path.value, hover] : path.value;
    if (!pts.length) return out;
    if (closed() && pts.length > 2)
      out.push({ type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [[...pts, pts[0]!]] } });
    else if (pts.length > 1)
      out.push({ type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates: pts } });
    const text = said.value;
    path.value.forEach((p, i) =>
      out.push({
        type: 'Feature',
        properties: i === path.value.length - 1 && text ? { text } : {},
        geometry: { type: 'Point', coordinates: p },
      }),
    );
    return out;
  }
  function paint(): void {
    const pts = hover && !over.value && path.value.length ? [...path.value, hover] : path.value;
    said.value =
      mode.value === 'length' || mode.value === 'buffer'
        ? pts.length > 1
          ? metres(length(pts))
          : ''
        : closed() && pts.length > 2
          ? squareMetres(area(pts))
          : '';
    if (map) drawOn(map, features(), mode.value === 'buffer' ? buffer.value : 0);
  }
  const click = (e: MapMouseEvent): void => add([e.lngLat.lng, e.lngLat.lat]);
  function add(p: Spot): void {
    if (mode.value === 'none' || mode.value === 'here') return;
    if (over.value) {
      path.value = [];
      over.value = false;
    }
    const last = path.value.at(-1);
    if (last && Math.abs(last[0] - p[0]) < 1e-7 && Math.abs(last[1] - p[1]) < 1e-7) return;
    path.value = [...path.value, p];
    paint();
  }
  function end(e: MapMouseEvent): void {
    if (mode.value === 'none' || mode.value === 'here') return;
    e.preventDefault();
    finish();
  }
  function finish(): void {
    if (!finishable.value) return;
    over.value = true;
    hover = null;
    paint();
    done(mode.value, path.value);
  }
  function move(e: MapMouseEvent): void {
    if (!path.value.length || over.value) return;
    hover = [e.lngLat.lng, e.lngLat.lat];
    paint();
  }
  function undo(): void {
    over.value = false;
    hover = null;
    path.value = path.value.slice(0, -1);
    paint();
  }
  function clear(): void {
    path.value = [];
    hover = null;
    over.value = false;
    ring = null;
    said.value = '';
    if (map?.getSource('drawing')) drawOn(map, []);
  }
  function start(m: Mode): void {
    clear();
    mode.value = m === mode.value ? 'none' : m;
  }
  /** The circle that was asked about. */
  function around(at: Spot, radius: number): void {
    clear();
    ring = circle(at, radius);
    paint();
  }
  function lay(m: MlMap): void {
    const first = map !== m;
    map = m;
    if (first) {
      m.on('click', click);
      m.on('dblclick', end);
      m.on('mousemove', move);
    }
    paint();
  }
  return { mode, path, said, buffer, start, add, undo, finishable, clear, lay, around, finish, paint, closed };
}
