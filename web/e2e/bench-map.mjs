// Frames a second of the one map with many points, in the software renderer: the map as it is, then with N points more.
//   node e2e/bench-map.mjs --base http://127.0.0.1:8080 [--points 100000] [--width 1440] [--height 900] [--seconds 10] [--raw]
import { parseArgs } from 'node:util';
import { loadavg, cpus } from 'node:os';
import { chromium } from 'playwright-core';

const { values: o } = parseArgs({
  options: {
    base: { type: 'string' },
    points: { type: 'string', default: '100000' },
    width: { type: 'string', default: '1440' },
    height: { type: 'string', default: '900' },
    seconds: { type: 'string', default: '10' },
    raw: { type: 'boolean', default: false },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});
const browser = await chromium.launch({
  executablePath: o.chromium,
  args: ['--no-sandbox', '--disable-gpu', '--enable-unsafe-swiftshader'],
});
const page = await (
  await browser.newContext({ viewport: { width: Number(o.width), height: Number(o.height) } })
).newPage();
await page.goto(`${o.base}/map`);
await page.waitForSelector('[data-test=map][data-ready]:not([data-ready="0"])', { timeout: 120_000 });
/* As a hand does it: one long move after the other, each frame a little further. Told apart: pictures that the browser showed (its own record of the
   display, cut to the time of the move), and how many of them the map drew anew; between these the last drawing was moved along (src/map/glide.ts). */
const pan = async (seconds) => {
  await browser.startTracing(page, { categories: ['viz'] });
  const told = await page.evaluate(
    (s) =>
      new Promise((done) => {
        const m = document.querySelector('[data-test=map]').map;
        const start = performance.now();
        let drawn = 0,
          steps = 0,
          k = 0,
          was = '';
        const one = () => {
          drawn++;
        };
        const step = () => {
          const c = m.getCenter();
          const now = `${c.lng} ${c.lat}`;
          if (now !== was) steps++;
          was = now;
          if (performance.now() - start < s * 1000) requestAnimationFrame(step);
        };
        requestAnimationFrame(step);
        m.on('render', one);
        const next = () => {
          const t = performance.now() - start;
          if (t > s * 1000) {
            m.off('render', one);
            m.off('moveend', next);
            done({ drawn: (drawn * 1000) / t, steps: (steps * 1000) / t, seconds: t / 1000 });
            return;
          }
          k++;
          m.easeTo({
            center: [118.78 + 0.15 * Math.sin(k * 2.4), 32.05 + 0.08 * Math.cos(k * 2.4)],
            zoom: 10,
            duration: 1500,
            easing: (x) => x,
          });
        };
        m.on('moveend', next);
        next();
      }),
    seconds,
  );
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString());
  const swaps = traceEvents.filter((e) => e.name === 'Display::DrawAndSwap' && e.ph !== 'E').map((e) => e.ts);
  return { ...told, shown: swaps.length / told.seconds };
};
const bare = await pan(Number(o.seconds));
/* Points over the city by a fixed stream of numbers. */
await page.evaluate(
  ([n, raw]) =>
    new Promise((done) => {
      const m = document.querySelector('[data-test=map]').map;
      let seed = 1;
      const next = () => {
        seed = (seed * 1103515245 + 12345) % 2147483648;
        return seed / 2147483648;
      };
      const features = Array.from({ length: n }, (_, i) => ({
        type: 'Feature',
        properties: { k: i % 6 },
        geometry: { type: 'Point', coordinates: [118.35 + 0.9 * next(), 31.22 + 1.4 * next()] },
      }));
      /* As an overlay of the one map lays them (src/map/overlay.ts), or each by itself. */
      const lone = ['!', ['has', 'point_count']];
      m.addSource('bench', {
        type: 'geojson',
        data: { type: 'FeatureCollection', features },
        ...(raw ? {} : { cluster: true, clusterRadius: 38, clusterMaxZoom: 12 }),
      });
      m.addLayer({
        id: 'bench',
        type: 'circle',
        source: 'bench',
        filter: lone,
        paint: { 'circle-radius': 3, 'circle-color': ['match', ['get', 'k'], 0, '#1d5d78', 1, '#a45c22', '#2f7a60'] },
      });
      m.addLayer({
        id: 'bench-pool',
        type: 'circle',
        source: 'bench',
        filter: ['has', 'point_count'],
        paint: {
          'circle-radius': ['step', ['get', 'point_count'], 10, 20, 13, 100, 16],
          'circle-color': '#ffffff',
          'circle-stroke-color': '#1d5d78',
          'circle-stroke-width': 2.2,
        },
      });
      m.addLayer({
        id: 'bench-sum',
        type: 'symbol',
        source: 'bench',
        filter: ['has', 'point_count'],
        layout: {
          'text-field': ['to-string', ['get', 'point_count']],
          'text-font': ['Noto Sans CJK SC'],
          'text-size': 11,
          'text-allow-overlap': true,
          'text-ignore-placement': true,
        },
      });
      const wait = () => (m.isSourceLoaded('bench') ? done() : setTimeout(wait, 100));
      wait();
    }),
  [Number(o.points), o.raw],
);
await page.waitForTimeout(1000);
const full = await pan(Number(o.seconds));
const say = (x) =>
  `${x.shown.toFixed(1)} pictures/s shown (${x.steps.toFixed(1)} steps of the camera), ${x.drawn.toFixed(1)} drawn anew`;
console.log(
  `${o.points} points${o.raw ? ', each by itself' : ', pooled as overlays are'}, ${o.width}x${o.height}, zoom 10, panning ${o.seconds} s: ${say(full)}; the map without them: ${say(bare)}; ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}`,
);
await browser.close();
