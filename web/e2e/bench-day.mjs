// A day of a screen in minutes, and what it keeps: a house of its own takes a day of a city at that speed, a screen follows it with its own
// timers as fast, and another page walks through the rooms. Heap of the pages after collection, nodes, listeners; memory of the server.
//   node e2e/bench-day.mjs [--speed 300] [--devices 300] [--hours 24] [--walks 30] [--bin ../build/shanshui]
// Prints figures. Ends with 1 where a page keeps growing: the last quarter more than 15 % above the second.
import { readFileSync } from 'node:fs';
import { spawn, spawnSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { House } from './house.mjs';

const text = (d) => ({ type: 'string', default: d });
const { values: o } = parseArgs({
  options: {
    speed: text('300'),
    devices: text('300'),
    hours: text('24'),
    walks: text('30'),
    bin: text('../build/shanshui'),
    chromium: text('/usr/bin/chromium'),
  },
});
const root = fileURLToPath(new URL('../../', import.meta.url)),
  bin = join(fileURLToPath(new URL('../', import.meta.url)), o.bin);
const ROOMS = [
  '/map',
  '/sites/1',
  '/charts/gallery',
  '/show/city_overview',
  '/charts/analysis?view=line&factor=a34004&kind=air&window=w7d',
  '/alarms',
];
const POINTS = 12;
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
const mb = (n) => n / 1048576;
const house = await House.open({ bin, root, chromiumPath: o.chromium });
const procs = [];
let failed = 0;
const rss = () => Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${house.serve.pid}/status`, 'latin1'))[1]) / 1024;
/** After collection, twice: what a finalizer lets go of is gone too. */
async function kept(page) {
  const c = (page.cdp ??= await page.context().newCDPSession(page));
  for (let i = 0; i < 2; i++) {
    await c.send('HeapProfiler.collectGarbage');
    await sleep(300);
  }
  await c.send('Performance.enable');
  const m = Object.fromEntries((await c.send('Performance.getMetrics')).metrics.map((x) => [x.name, x.value]));
  return { heap: mb(m.JSHeapUsedSize), nodes: m.Nodes, listeners: m.JSEventListeners, docs: m.Documents };
}
const held = async () =>
  Number(/^shanshui_series_memory_bytes (\S+)/m.exec(await (await fetch(`${house.base}/metrics`)).text())[1]) / 1048576;
const row = async (name, k) =>
  console.log(
    `${name}: 堆 heap ${k.heap.toFixed(1)} MB, nodes ${k.nodes}, listeners ${k.listeners}, server ${rss().toFixed(0)} MB (series ${(await held()).toFixed(0)}), load ${loadavg()[0].toFixed(1)}`,
  );
/** Grows without end: the highest of the last quarter stands well above that of the second. */
function judge(name, list) {
  const q = (a, b) =>
    Math.max(...list.slice(Math.floor(list.length * a), Math.ceil(list.length * b)).map((k) => k.heap));
  const was = q(0.25, 0.5),
    is = q(0.75, 1),
    ok = is <= was * 1.15;
  console.log(
    `${ok ? '成立 holds' : '不成立 does not hold'}: ${name} 不再增长 does not grow on: ${was.toFixed(1)} → ${is.toFixed(1)} MB`,
  );
  if (!ok) failed++;
}
try {
  const ask = (path, body) =>
    fetch(`${house.base}/api/v1/${path}`, { method: 'POST', headers: { 'content-type': 'text/csv' }, body });
  await ask(
    'devices/import',
    spawnSync(bin, ['simulate', '--devices', o.devices, '--registry', '-'], { maxBuffer: 1 << 28 }).stdout.toString(),
  );
  await ask('things/screen/import', readFileSync(join(root, 'modules/display/screens/data/screen.csv'), 'utf8'));
  const gate = Number(/HJ 212: (\d+)/.exec(house.said)[1]);
  procs.push(
    spawn(bin, ['simulate', '--devices', o.devices, '--target', `127.0.0.1:${gate}`, '--speed', o.speed, '--quiet'], {
      stdio: 'ignore',
    }),
  );
  /* A screen whose timers run as fast as the city. Its clock does not: by that it would think that the server is silent. */
  const screen = await house.page({ width: 1920, height: 540 });
  await screen.addInitScript((k) => {
    const after = setTimeout,
      every = setInterval;
    window.setTimeout = (f, ms, ...a) => after(f, (ms ?? 0) / k, ...a);
    window.setInterval = (f, ms, ...a) => every(f, (ms ?? 0) / k, ...a);
    window.heard = 0;
    window.EventSource = class extends EventSource {
      constructor(...a) {
        super(...a);
        for (const t of ['summary', 'latest', 'state', 'alarm'])
          this.addEventListener(t, () => {
            window.heard++;
          });
      }
    };
  }, Number(o.speed));
  await screen.goto(`${house.base}/show/city_overview`);
  await screen.locator('[data-figure]').first().waitFor();
  const day = [],
    real = (Number(o.hours) * 3_600_000) / Number(o.speed);
  for (let i = 0; i <= POINTS; i++) {
    if (i) await sleep(real / POINTS);
    day.push(await kept(screen));
    await row(`${((Number(o.hours) / POINTS) * i).toFixed(0)} h`, day.at(-1));
  }
  console.log(`屏听到的事件 events that the screen heard: ${await screen.evaluate(() => window.heard)}`);
  judge(`${o.hours} 小时的一屏 a screen of ${o.hours} hours`, day.slice(1));
  await screen.context().close();
  /* Rooms come and go: what they leave behind. */
  const walker = await house.page({ width: 1280, height: 720 });
  await walker.goto(`${house.base}/situation`);
  const walk = [],
    step = Math.max(1, Math.floor(Number(o.walks) / POINTS));
  for (let i = 0; i < Number(o.walks); i++) {
    for (const r of [...ROOMS, '/situation']) {
      await walker.evaluate((path) => {
        history.pushState({}, '', path);
        dispatchEvent(new PopStateEvent('popstate', { state: {} }));
      }, r);
      if (r === '/map') await walker.locator('[data-test=map] canvas').first().waitFor();
      await walker.evaluate(() => new Promise((d) => requestAnimationFrame(() => setTimeout(d, 250))));
    }
    if (i % step) continue;
    walk.push(await kept(walker));
    await row(`第 ${i + 1} 圈 walk ${i + 1}`, walk.at(-1));
  }
  judge('走遍各室 walking through the rooms', walk);
  if (house.problems.length) console.log(house.problems.slice(0, 5).join('\n'));
} finally {
  for (const p of procs) p.kill();
  await house.close();
}
process.exit(failed ? 1 : 0);
