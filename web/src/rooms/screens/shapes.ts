/** The outlines that the scroll draws, read once: districts, hills and the large waters of the base map. */
import type { Feature, FeatureCollection } from 'geojson';

export interface Shapes {
  box: [number, number, number, number];
  districts: { code: string; rings: [number, number][][]; middle: [number, number] }[];
  waters: [number, number][][][];
  hills: [number, number][][][];
}
const rings = (f: Feature): [number, number][][] =>
  (f.geometry.type === 'Polygon'
    ? f.geometry.coordinates
    : f.geometry.type === 'MultiPolygon'
      ? f.geometry.coordinates.flat()
      : []) as [number, number][][];

/** The middle of the largest ring, by area. */
export function middle(list: [number, number][][]): [number, number] {
  let best: [number, number] = [0, 0],
    most = 0;
  for (const r of list) {
    let a = 0,
      x = 0,
      y = 0;
    for (let i = 0; i + 1 < r.length; i++) {
      const [x0, y0] = r[i]!,
        [x1, y1] = r[i + 1]!,
        c = x0 * y1 - x1 * y0;
      a += c;
      x += (x0 + x1) * c;
      y += (y0 + y1) * c;
    }
    if (Math.abs(a) > most) {
      most = Math.abs(a);
      best = [x / (3 * a), y / (3 * a)];
    }
  }
  return best;
}
let one: Promise<Shapes> | null = null;
const read = (name: string): Promise<FeatureCollection> =>
  fetch(`/map/${name}.json`).then((r) => r.json() as Promise<FeatureCollection>);
export function mapShapes(): Promise<Shapes> {
  one ??= Promise.all([read('districts'), read('water'), read('hills')]).then(([d, w, h]) => {
    const districts = d.features.map((f) => ({
      code: String(f.properties?.code),
      rings: rings(f),
      middle: middle(rings(f)),
    }));
    const xs = districts.flatMap((x) => x.rings.flat().map((p) => p[0])),
      ys = districts.flatMap((x) => x.rings.flat().map((p) => p[1]));
    return {
      box: [
        xs.reduce((a, b) => Math.min(a, b)),
        ys.reduce((a, b) => Math.min(a, b)),
        xs.reduce((a, b) => Math.max(a, b)),
        ys.reduce((a, b) => Math.max(a, b)),
      ] as [number, number, number, number],
      districts,
      waters: w.features.map(rings).filter((r) => r.length),
      hills: h.features.map(rings).filter((r) => r.length),
    };
  });
  one.catch(() => {
    one = null;
  });
  return one;
}
