/** The quiet base map: land, hills, water, roads, borders, names, all from files of our own host. */
import type { LayerSpecification, StyleSpecification } from 'maplibre-gl';
import { token } from '@/lib/palette';

const SERIF = ['Shanshui Serif', 'Noto Serif CJK SC', 'serif'];
const SANS = ['Noto Sans CJK SC', 'Microsoft YaHei', 'sans-serif'];
const FILES = [
  'districts',
  'borders',
  'neighbours',
  'places',
  'water',
  'water_lines',
  'water_osm',
  'parks',
  'roads',
  'hills',
] as const;

export const ATTRIBUTION = '© OpenStreetMap contributors (ODbL)';

function ground(c: (n: string) => string): LayerSpecification[] {
  return [
    { id: 'outside', type: 'background', paint: { 'background-color': c('land2') } },
    {
      id: 'neighbours',
      type: 'fill',
      source: 'neighbours',
      paint: { 'fill-color': c('land2'), 'fill-outline-color': c('line') },
    },
    { id: 'land', type: 'fill', source: 'districts', paint: { 'fill-color': c('land') } },
    {
      id: 'hills',
      type: 'fill',
      source: 'hills',
      filter: ['==', ['get', 'level'], 0],
      paint: { 'fill-color': c('green') },
    },
    {
      id: 'contours',
      type: 'line',
      source: 'hills',
      filter: ['has', 'level'],
      paint: {
        'line-color': c('hill'),
        'line-opacity': Number(c('hill-alpha')),
        'line-width': ['interpolate', ['linear'], ['zoom'], 9, 0.5, 13, 1],
      },
    },
    { id: 'parks', type: 'fill', source: 'parks', minzoom: 11.5, paint: { 'fill-color': c('green') } },
  ];
}

function waters(c: (n: string) => string): LayerSpecification[] {
  return [
    { id: 'water', type: 'fill', source: 'water', paint: { 'fill-color': c('river') } },
    { id: 'water-edge', type: 'line', source: 'water', paint: { 'line-color': c('river-edge'), 'line-width': 0.8 } },
    {
      id: 'water-osm',
      type: 'fill',
      source: 'water_osm',
      minzoom: 10.5,
      filter: ['==', ['geometry-type'], 'Polygon'],
      paint: { 'fill-color': c('river') },
    },
    {
      id: 'stream',
      type: 'line',
      source: 'water_osm',
      minzoom: 10.5,
      filter: ['==', ['geometry-type'], 'LineString'],
      paint: { 'line-color': c('river'), 'line-width': ['interpolate', ['linear'], ['zoom'], 11, 1.2, 15, 5] },
    },
  ];
}

function roads(c: (n: string) => string): LayerSpecification[] {
  const width = (add: number): never =>
    [
      'interpolate',
      ['exponential', 1.5],
      ['zoom'],
      10.5,
      ['match', ['get', 'rank'], 1, 0.8 + add, 0.3 + add],
      16,
      ['match', ['get', 'rank'], 1, 10 + add, 2, 8 + add, 3, 6 + add, 4 + add],
    ] as never;
  const seen = ['any', ['<=', ['get', 'rank'], 2], ['>=', ['zoom'], 13]] as never;
  return [
    {
      id: 'road-edge',
      type: 'line',
      source: 'roads',
      minzoom: 10.5,
      filter: ['all', ['>', ['get', 'rank'], 0], seen],
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': c('road-edge'), 'line-width': width(1.4) },
    },
    {
      id: 'road',
      type: 'line',
      source: 'roads',
      minzoom: 10.5,
      filter: ['all', ['>', ['get', 'rank'], 0], seen],
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': c('road'), 'line-width': width(0) },
    },
    {
      id: 'rail',
      type: 'line',
      source: 'roads',
      minzoom: 10,
      filter: ['==', ['get', 'rank'], 0],
      paint: { 'line-color': c('edge'), 'line-width': 0.8, 'line-dasharray': [4, 3], 'line-opacity': 0.6 },
    },
  ];
}

function names(c: (n: string) => string, lang: string): LayerSpecification[] {
  const name = (lang === 'en' ? ['coalesce', ['get', 'name_en'], ['get', 'name']] : ['get', 'name']) as never;
  const halo = { 'text-halo-color': c('land'), 'text-halo-width': 1.4 };
  return [
    {
      id: 'borders',
      type: 'line',
      source: 'borders',
      layout: { 'line-join': 'round' },
      paint: { 'line-color': c('ink3'), 'line-width': 0.9, 'line-opacity': 0.75, 'line-dasharray': [7, 2, 1.5, 2] },
    },
    {
      id: 'river-name',
      type: 'symbol',
      source: 'water_lines',
      layout: {
        'symbol-placement': 'line',
        'symbol-spacing': 340,
        'text-field': name,
        'text-font': SERIF,
        'text-letter-spacing': 0.35,
        'text-max-angle': 35,
        'text-size': ['match', ['get', 'name_en'], 'Yangtze', 17, 12],
      },
      paint: { 'text-color': c('brand'), 'text-halo-color': c('river'), 'text-halo-width': 1 },
    },
    {
      id: 'lake-name',
      type: 'symbol',
      source: 'water',
      minzoom: 9.5,
      filter: ['==', ['get', 'kind'], 'lake'],
      layout: { 'text-field': name, 'text-font': SERIF, 'text-size': 12, 'text-letter-spacing': 0.15 },
      paint: { 'text-color': c('brand'), 'text-halo-color': c('river'), 'text-halo-width': 1 },
    },
    {
      id: 'hill-name',
      type: 'symbol',
      source: 'hills',
      minzoom: 9.2,
      filter: ['==', ['get', 'kind'], 'hill'],
      layout: {
        'text-field': ['concat', name, ' ', ['to-string', ['get', 'height']]] as never,
        'text-font': SANS,
        'text-size': 11,
      },
      paint: { 'text-color': c('hill-ink'), ...halo },
    },
    {
      id: 'road-name',
      type: 'symbol',
      source: 'roads',
      minzoom: 14,
      filter: ['has', 'name'],
      layout: { 'symbol-placement': 'line', 'text-field': ['get', 'name'], 'text-font': SANS, 'text-size': 11 },
      paint: { 'text-color': c('ink3'), ...halo },
    },
    {
      id: 'place-name',
      type: 'symbol',
      source: 'places',
      layout: {
        'text-field': name,
        'text-font': SERIF,
        'text-letter-spacing': lang === 'en' ? 0.02 : 0.2,
        'text-padding': 4,
        'text-size': ['interpolate', ['linear'], ['zoom'], 8, 12, 11, 15],
        'text-allow-overlap': true,
        'text-ignore-placement': true,
      },
      paint: { 'text-color': c('ink3'), ...halo },
    },
  ];
}

export function baseStyle(lang: string): StyleSpecification {
  const c = (n: string): string => (n === 'hill-ink' ? token('gamboge') : token(n));
  return {
    version: 8,
    sources: Object.fromEntries(
      FILES.map((f) => [
        f,
        { type: 'geojson', data: `/map/${f}.json`, ...(f === 'roads' ? { attribution: ATTRIBUTION } : {}) },
      ]),
    ),
    layers: [...ground(c), ...waters(c), ...roads(c), ...names(c, lang)],
  };
}

export const LABEL_FONT = SANS;
/** Base layers that the tree can switch. */
export const BASE_GROUPS: Record<string, string[]> = {
  base_hills: ['hills', 'contours', 'hill-name'],
  base_roads: ['road-edge', 'road', 'rail', 'road-name'],
  base_borders: ['borders'],
};
