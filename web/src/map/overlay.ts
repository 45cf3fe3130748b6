/** What lies over the base and under the sites: layers of records, a drawing, the place that was asked about. */
import type { Feature, FeatureCollection } from 'geojson';
import type { ExpressionSpecification, GeoJSONSource, Map as MlMap } from 'maplibre-gl';
import { token } from '@/lib/palette';
import { LABEL_FONT } from './style';

export interface Shown {
  id: string;
  colour: string;
  by?: { field: string; classes: { code: string; colour: string }[] };
  features: FeatureCollection;
}
const EMPTY: FeatureCollection = { type: 'FeatureCollection', features: [] };
const parts = ['fill', 'edge', 'dot', 'pool', 'sum', 'name'] as const;
const layerOf = (id: string, part: (typeof parts)[number]): string => `o-${id}-${part}`;

const paint = (s: Shown): ExpressionSpecification | string =>
  s.by?.classes.length
    ? ([
        'match',
        ['get', s.by.field],
        ...s.by.classes.flatMap((c) => [c.code, c.colour]),
        token('ink3'),
      ] as unknown as ExpressionSpecification)
    : s.colour;

export class Overlay {
  private on = new Map<string, Shown>();
  constructor(
    private m: MlMap,
    private below: string,
  ) {}

  /** The ids of layers that a click may meet, the topmost first. */
  get pickable(): string[] {
    return [...this.on.keys()]
      .reverse()
      .flatMap((id) => parts.slice(0, 4).map((p) => layerOf(id, p)))
      .filter((l) => this.m.getLayer(l));
  }

  idOf(layer: string): string {
    return layer.slice(2, layer.lastIndexOf('-'));
  }

  set(list: readonly Shown[]): void {
    for (const id of [...this.on.keys()]) if (!list.some((s) => s.id === id)) this.take(id);
    for (const s of list) this.put(s);
  }

  private take(id: string): void {
    for (const p of parts) if (this.m.getLayer(layerOf(id, p))) this.m.removeLayer(layerOf(id, p));
    if (this.m.getSource(`o-${id}`)) this.m.removeSource(`o-${id}`);
    this.on.delete(id);
  }

  private put(s: Shown): void {
    const was = this.on.get(s.id);
    if (was && was.features === s.features && was.colour === s.colour && was.by?.field === s.by?.field) return;
    if (was && was.features !== s.features) (this.m.getSource(`o-${s.id}`) as GeoJSONSource).setData(s.features);
    if (!was) this.add(s);
    else
      for (const [p, key] of [
        ['fill', 'fill-color'],
        ['edge', 'line-color'],
        ['dot', 'circle-color'],
      ] as const)
        this.m.setPaintProperty(layerOf(s.id, p), key, paint(s));
    this.on.set(s.id, s);
  }

  private add(s: Shown): void {
    const src = `o-${s.id}`;
    const lone = [
      'all',
      ['==', ['geometry-type'], 'Point'],
      ['!', ['has', 'point_count']],
      ['!', ['has', 'count']],
    ] as never;
    const pooled = ['any', ['has', 'point_count'], ['has', 'count']] as never;
    const below = this.m.getLayer(this.below) ? this.below : undefined;
    const colour = paint(s) as never;
    this.m.addSource(src, { type: 'geojson', data: s.features, cluster: true, clusterRadius: 38, clusterMaxZoom: 12 });
    this.m.addLayer(
      {
        id: layerOf(s.id, 'fill'),
        type: 'fill',
        source: src,
        filter: ['==', ['geometry-type'], 'Polygon'],
        paint: { 'fill-color': colour, 'fill-opacity': 0.25 },
      },
      below,
    );
    this.m.addLayer(
      {
        id: layerOf(s.id, 'edge'),
        type: 'line',
        source: src,
        filter: ['!=', ['geometry-type'], 'Point'],
        paint: { 'line-color': colour, 'line-width': 2 },
      },
      below,
    );
    this.m.addLayer(
      {
        id: layerOf(s.id, 'dot'),
        type: 'circle',
        source: src,
        filter: lone,
        paint: {
          'circle-radius': ['interpolate', ['linear'], ['zoom'], 9, 4, 13, 7],
          'circle-color': colour,
          'circle-stroke-color': token('halo'),
          'circle-stroke-width': 1.4,
        },
      },
      below,
    );
    this.m.addLayer(
      {
        id: layerOf(s.id, 'pool'),
        type: 'circle',
        source: src,
        filter: pooled,
        paint: {
          'circle-radius': ['step', ['coalesce', ['get', 'count'], ['get', 'point_count']], 10, 20, 13, 100, 16],
          'circle-color': token('surface'),
          'circle-stroke-color': s.colour,
          'circle-stroke-width': 2.2,
        },
      },
      below,
    );
    this.m.addLayer(
      {
        id: layerOf(s.id, 'sum'),
        type: 'symbol',
        source: src,
        filter: pooled,
        layout: {
          'text-field': ['to-string', ['coalesce', ['get', 'count'], ['get', 'point_count']]],
          'text-font': LABEL_FONT,
          'text-size': 11,
          'text-allow-overlap': true,
          'text-ignore-placement': true,
        },
        paint: { 'text-color': token('ink') },
      },
      below,
    );
    this.m.addLayer(
      {
        id: layerOf(s.id, 'name'),
        type: 'symbol',
        source: src,
        minzoom: 12.5,
        filter: ['all', ['!', ['has', 'point_count']], ['!', ['has', 'count']]],
        layout: {
          'text-field': ['get', 'title'],
          'text-font': LABEL_FONT,
          'text-size': 11,
          'text-anchor': 'top',
          'text-offset': [0, 0.8],
          'text-max-width': 10,
          'text-optional': true,
        },
        paint: { 'text-color': s.colour, 'text-halo-color': token('halo'), 'text-halo-width': 1.4 },
      },
      below,
    );
  }
}

/** A drawing and its corners: on top of everything. buffer: metres around it. */
export function drawOn(m: MlMap, features: Feature[], buffer = 0): void {
  const data: FeatureCollection = { type: 'FeatureCollection', features };
  const had = m.getSource('drawing') as GeoJSONSource | undefined;
  const lat = m.getCenter().lat;
  /* Metres as pixels: at zoom z a tile of 512 px spans the equator divided by 2^z. */
  const px = (z: number): number => (buffer * 2 * 512 * 2 ** z) / (40_075_016.686 * Math.cos((lat * Math.PI) / 180));
  const wide: ExpressionSpecification = ['interpolate', ['exponential', 2], ['zoom'], 7, px(7), 18, px(18)];
  if (had) {
    had.setData(data);
    m.setPaintProperty('drawing-buffer', 'line-width', wide);
    return;
  }
  m.addSource('drawing', { type: 'geojson', data });
  m.addLayer({
    id: 'drawing-buffer',
    type: 'line',
    source: 'drawing',
    filter: ['!=', ['geometry-type'], 'Point'],
    layout: { 'line-cap': 'round', 'line-join': 'round' },
    paint: { 'line-color': token('brand'), 'line-opacity': 0.16, 'line-width': wide },
  });
  m.addLayer({
    id: 'drawing-fill',
    type: 'fill',
    source: 'drawing',
    filter: ['==', ['geometry-type'], 'Polygon'],
    paint: { 'fill-color': token('brand'), 'fill-opacity': 0.1 },
  });
  m.addLayer({
    id: 'drawing-line',
    type: 'line',
    source: 'drawing',
    filter: ['!=', ['geometry-type'], 'Point'],
    layout: { 'line-join': 'round' },
    paint: { 'line-color': token('brand'), 'line-width': 2, 'line-dasharray': [3, 1.5] },
  });
  m.addLayer({
    id: 'drawing-dot',
    type: 'circle',
    source: 'drawing',
    filter: ['==', ['geometry-type'], 'Point'],
    paint: {
      'circle-radius': 4,
      'circle-color': token('surface'),
      'circle-stroke-color': token('brand'),
      'circle-stroke-width': 2,
    },
  });
  m.addLayer({
    id: 'drawing-text',
    type: 'symbol',
    source: 'drawing',
    filter: ['has', 'text'],
    layout: {
      'text-field': ['get', 'text'],
      'text-font': LABEL_FONT,
      'text-size': 12,
      'text-anchor': 'bottom',
      'text-offset': [0, -0.7],
      'text-allow-overlap': true,
    },
    paint: { 'text-color': token('brand'), 'text-halo-color': token('halo'), 'text-halo-width': 2 },
  });
}

export { EMPTY };
