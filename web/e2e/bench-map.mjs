// Frames a second of the one map with many points, in the software renderer: the map as it is, then with N points more.
//   node e2e/bench-map.mjs --base http://127.0.0.1:8080 [--points 100000] [--width 1440] [--height 900] [--seconds 10]
import { parseArgs } from 'node:util';
import { loadavg, cpus } from 'node:os';
import { chromium } from 'playwright-core';

const { values: o } = parseArgs({ options: { base: { type: 'string' }, points: { type: 'string', default: '100000' }, width: { type: 'string', default: '1440' }, height: { type: 'string', default: '900' }, seconds: { type: 'string', default: '10' }, chromium: { type: 'string', default: '/usr/bin/chromium' } } });
const browser = await chromium.launch({ executablePath: o.chromium, args: ['--no-sandbox', '--disable-gpu', '--enable-unsafe-swiftshader'] });
const page = await (await browser.newContext({ viewport: { width: Number(o.width), height: Number(o.height) } })).newPage();
await page.goto(`${o.base}/map`);
await page.waitForSelector('[data-test=map][data-ready]:not([data-ready="0"])', { timeout: 120_000 });
/* Points over the city by a fixed stream of numbers. */
const pan = (seconds) => page.evaluate((s) => new Promise((done) => {
  const m = document.querySelector('[data-test=map]').map;
  const start = performance.now();
  let frames = 0;
  m.on('render', () => { frames++; });
  const step = () => {
    const t = performance.now() - start;
    if (t > s * 1000) { done((frames * 1000) / t); return; }
    m.jumpTo({ center: [118.78 + 0.15 * Math.sin(t / 1500), 32.05 + 0.08 * Math.cos(t / 1100)], zoom: 10 });
    requestAnimationFrame(step);
  };
  step();
}), seconds);
const bare = await pan(Number(o.seconds));
await page.evaluate((n) => new Promise((done) => {
  const m = document.querySelector('[data-test=map]').map;
  let seed = 1;
  const next = () => { seed = (seed * 1103515245 + 12345) % 2147483648; return seed / 2147483648; };
  const features = Array.from({ length: n }, (_, i) => ({ type: 'Feature', properties: { k: i % 6 }, geometry: { type: 'Point', coordinates: [118.35 + 0.9 * next(), 31.22 + 1.4 * next()] } }));
  m.addSource('bench', { type: 'geojson', data: { type: 'FeatureCollection', features } });
  m.addLayer({ id: 'bench', type: 'circle', source: 'bench', paint: { 'circle-radius': 3, 'circle-color': ['match', ['get', 'k'], 0, '#1d5d78', 1, '#a45c22', '#2f7a60'] } });
  const wait = () => (m.isSourceLoaded('bench') ? done() : setTimeout(wait, 100));
  wait();
}), Number(o.points));
const full = await pan(Number(o.seconds));
console.log(`${o.points} points, ${o.width}x${o.height}, zoom 10, panning ${o.seconds} s: ${full.toFixed(1)} frames/s; the map without them ${bare.toFixed(1)}; ratio ${(full / bare).toFixed(2)}; ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}`);
await browser.close();
