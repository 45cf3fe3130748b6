// Journeys in a real Chromium against a running server.
//   npm run e2e -- --base http://127.0.0.1:8080 [--hj212 127.0.0.1:9212] [--chromium /usr/bin/chromium] [--only map,frame]
// --suspects: the city was started by tools/demo --cheats and has come to rest: also the sheet of the day and the suspicions.
// --hj212: where an unknown device may be sent from, so that there is one to register.
// Exit: 0 passed, 1 failed, 77 a journey could not run (the reason is printed).
import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { counts, reads, setWhen, until, WAIT, when } from './house.mjs';
import { classesJourney, setJourney } from './journeys/charts.mjs';
import { explainJourney } from './journeys/explain.mjs';
import { failure } from './tell.mjs';

const { values: opt } = parseArgs({
  options: {
    base: { type: 'string', default: 'http://127.0.0.1:8080' },
    hj212: { type: 'string' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
    only: { type: 'string' },
    suspects: { type: 'boolean' },
  },
});
const base = opt.base.replace(/\/$/, '');
const out = fileURLToPath(new URL('./out/', import.meta.url));
mkdirSync(out, { recursive: true });
if (!existsSync(opt.chromium)) {
  console.log(`not run: no browser at ${opt.chromium}`);
  process.exit(77);
}

class NotRun extends Error {}
const problems = [];
const REFUSED =
  /status of (400|403|409|422)/; /* a refusal that a journey asks for on purpose is looked at by that journey */
const NOISE = /GPU stall|swiftshader|software WebGL|GroupMarkerNotSet/i;
const browser = await chromium.launch({
  executablePath: opt.chromium,
  args: ['--no-sandbox', '--disable-gpu', '--enable-unsafe-swiftshader'],
});

async function open({ width = 1440, height = 900, theme = 'light', lang = 'zh', refusals = false } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    locale: 'zh-CN',
    timezoneId: 'America/New_York',
  });
  await context.addInitScript(
    ([t, l]) => {
      if (!localStorage.getItem('shanshui.theme')) localStorage.setItem('shanshui.theme', t);
      if (!localStorage.getItem('shanshui.lang')) localStorage.setItem('shanshui.lang', l);
      addEventListener('securitypolicyviolation', (e) => console.error(`CSP ${e.violatedDirective} ${e.blockedURI}`));
    },
    [theme, lang],
  );
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT);
  page.on('console', (m) => {
    if (m.type() === 'error' && !NOISE.test(m.text()) && !(refusals && REFUSED.test(m.text())))
      problems.push(`console: ${m.text()} (${page.url()})`);
  });
  page.on('pageerror', (e) => problems.push(`page error: ${e.message} (${page.url()})`));
  page.on('request', (r) => {
    const u = r.url();
    if (!u.startsWith(`${base}/`) && u !== base && !/^(blob|data):/.test(u))
      problems.push(`request off the host: ${u}`);
  });
  return { page, close: () => context.close() };
}
const shot = (page, name) => page.screenshot({ path: `${out}${name}.png` });
const mapReady = (page) => page.waitForSelector('[data-test=map][data-ready]:not([data-ready="0"])', { timeout: WAIT });
/* Each on a connection of its own: one that lay idle may be closed by the server just now. */
const ONCE = { connection: 'close' };
const api = async (path) => {
  const r = await fetch(`${base}/api/v1/${path}`, { headers: ONCE });
  assert.equal(r.status, 200, `GET ${path} answered ${r.status}`);
  return r.json();
};

/** A site of the API that has points in some series, best an air station by the hour. */
async function siteWithPoints() {
  for (const kind of ['air', 'water', 'source_water', 'source_air', 'dust', 'noise']) {
    const { items } = await api(`sites?kind=${kind}&limit=5`);
    for (const s of items) {
      const d = await api(`sites/${s.id}`);
      if (d.series.some((x) => x.count > 2)) return d;
    }
  }
  throw new NotRun('no site has points yet');
}

async function mapJourney() {
  const { page, close } = await open();
  await page.goto(`${base}/map`);
  await mapReady(page);
  /* The first page of sites is drawn at once, the others behind it. */
  const drawn = () => page.getAttribute('[data-test=map]', 'data-ready').then(Number);
  const count = async (query) => (await api(`sites?limit=1${query}`)).total;
  await until(
    'the map holds every site',
    async () => [await drawn(), await count('')],
    ([n, all]) => n > 0 && n === all,
  );
  const pop = page.locator('[data-test=popover]');
  /* A site that stands free, clicked where the map has come to rest. */
  let was = '';
  const free = await until('a site stands free and still', async () => {
    const now = await page.getAttribute('[data-test=map]', 'data-free');
    const still = now && now === was;
    was = now;
    return still && now;
  });
  const [id, x, y] = free.split(':').map(Number);
  await page.mouse.click(x + 64, y + 48);
  const site = await api(`sites/${id}`);
  await reads(pop, new RegExp(site.name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')), 'the popover');
  await shot(page, 'map-popover');
  /* A layer that is off is not drawn. */
  await page.locator(`input[data-layer=${site.kind}]`).uncheck();
  await until(
    `the map is without ${site.kind}`,
    async () => [await drawn(), (await count('')) - (await count(`&kind=${site.kind}`))],
    ([n, rest]) => n === rest,
  );
  await page.locator(`input[data-layer=${site.kind}]`).check();
  await page.locator('[data-test=detail]').click();
  await page.waitForURL(`${base}/sites/${id}`);
  await page.waitForSelector('[data-test=site]');
  await close();
}

/** Layers of every module at one moment, what is here from a GCJ-02 place, back in time, measure, buffer, print, search. */
async function oneMapJourney() {
  const { page, close } = await open();
  await page.goto(`${base}/map`);
  await mapReady(page);
  const { groups } = await api('map/layers');
  const layers = groups.flatMap((g) => g.layers).map((l) => l.id);
  await page.waitForSelector(`[data-layer="${layers[0]}"]`);
  for (const id of layers) await counts(page.locator(`input[data-layer="${id}"]`), 1, `layer ${id} in the tree`);
  await page.locator('[data-test=all-layers]').click();
  await page.waitForFunction(
    (n) => (document.querySelector('[data-overlay]')?.dataset.overlay ?? '').split(' ').length >= n,
    layers.length,
    { timeout: WAIT },
  );
  await shot(page, 'onemap-all');
  await page.locator('[data-test=step-back]').click();
  await page.waitForFunction(() => /T/.test(document.querySelector('[data-moment]')?.dataset.moment ?? ''), null, {
    timeout: WAIT,
  });
  await until(
    'the map shows a moment that is past',
    () => page.locator('[data-moment]').getAttribute('data-moment'),
    (z) => Date.parse(z) < Date.now(),
  );
  await shot(page, 'onemap-past');
  await page.locator('[data-test=to-live]').click();
  await page.waitForSelector('[data-moment=live]');
  await page.locator('[data-test=tool-here]').click();
  await page.locator('[data-test=coord]').fill('118.805205, 32.04795');
  await page.locator('[data-test=crs]').selectOption('GCJ02');
  await page.locator('[data-test=ask]').click();
  await page.waitForSelector('[data-test=converted]');
  const asked = await post('map/here', {
    lon: 118.805205,
    lat: 32.04795,
    radius_m: 1000,
    crs: 'GCJ02',
    layers: ['sites', 'discharger', 'outlet'],
  });
  for (const g of asked.groups)
    for (const l of g.layers)
      if (l.count)
        await reads(
          page.locator(`[data-found="${l.id}"] summary b`),
          new RegExp(`^${l.count}`),
          `${l.id} by the server`,
        );
  await shot(page, 'onemap-here');
  const box = await page.locator('[data-test=map]').boundingBox();
  const at = (x, y) => [box.x + x, box.y + y];
  await page.locator('[data-test=tool-length]').click();
  await page.mouse.click(...at(420, 300));
  await page.mouse.dblclick(...at(620, 300));
  await reads(page.locator('[data-test=draw-hint] b'), /\d.*k?m/, 'a length');
  await page.locator('[data-test=tool-buffer]').click();
  await page.mouse.click(...at(420, 300));
  await page.mouse.dblclick(...at(620, 340));
  await page.waitForSelector('[data-test=here-total]');
  await shot(page, 'onemap-buffer');
  for (const [kind, start] of [
    ['png', '\x89PNG'],
    ['pdf', '%PDF-1.4'],
  ]) {
    await page.locator('[data-test=tool-print]').click();
    const [file] = await Promise.all([
      page.waitForEvent('download', { timeout: WAIT }),
      page.locator(`[data-test=print-${kind}]`).click(),
    ]);
    const bytes = await readFile(await file.path());
    assert.ok(
      bytes.length > 20_000 && bytes.subarray(0, start.length).toString('latin1') === start,
      `a ${kind} of ${bytes.length} bytes`,
    );
    await page.locator('[data-test=modal]').waitFor({ state: 'detached' });
  }
  await page.locator('header .find input').fill('玄武');
  await page.locator('[data-hit=place]').first().waitFor();
  await shot(page, 'search');
  await page.goto(`${base}/situation`);
  await page.waitForSelector('[data-test=situation][data-ready]');
  const s = await api('situation');
  await counts(page.locator('[data-element]'), s.elements.length, 'a row for every element');
  await shot(page, 'situation');
  await close();
}

async function frameJourney() {
  const site = await siteWithPoints();
  const { page, close } = await open();
  await page.goto(`${base}/sites/${site.id}`);
  await page.waitForSelector('[data-test=chart][data-last]', { timeout: WAIT });
  const why = page.locator('[data-test=why]');
  /* The curve moves when a value comes: where its last point is then is looked at anew. */
  await until('the last point says why', async () => {
    const box = await page.locator('[data-test=chart]').boundingBox();
    const [x, y] = (await page.getAttribute('[data-test=chart]', 'data-last')).split(':').map(Number);
    await page.mouse.move(box.x + x - 120, box.y + y);
    await page.mouse.click(box.x + x, box.y + y);
    return why.isVisible();
  });
  const raw = await reads(why.locator('[data-test=raw]'), /##\d{4}.*&&/s, 'the raw frame');
  assert.doesNotMatch(raw, /PW=(?!\*{6})/, 'the password is masked');
  await reads(why.locator('mark'), /.{4}/, 'the factor in the frame');
  await reads(why.locator('[data-test=crc]'), /CRC/);
  await shot(page, 'site-why');
  await page.locator('[data-test=table]').click();
  await page.waitForSelector('.tableBox tbody tr');
  const [file] = await Promise.all([page.waitForEvent('download'), page.locator('[data-test=csv]').click()]);
  assert.match(file.suggestedFilename(), /\.csv$/);
  await shot(page, 'site-table');
  await close();
}

function crc16(text) {
  let crc = 0xffff;
  for (const b of Buffer.from(text, 'utf8')) {
    crc = (crc >> 8) ^ b;
    for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc.toString(16).toUpperCase().padStart(4, '0');
}

/** Time of the city as HJ 212 writes it, so many hours ago. */
const compact = (hoursAgo = 0) =>
  new Date(Date.now() + (8 - hoursAgo) * 3_600_000).toISOString().replace(/[-T:.Z]/g, '');

/** A device speaks to the gateway once, by HJ 212-2017. */
async function send(mn, cn, values, dataTime = compact().slice(0, 14)) {
  const [host, port] = opt.hj212.split(':');
  const data = `QN=${compact()};ST=32;CN=${cn};PW=123456;MN=${mn};Flag=5;CP=&&DataTime=${dataTime};${values}&&`;
  const frame = `##${String(Buffer.byteLength(data)).padStart(4, '0')}${data}${crc16(data)}\r\n`;
  await new Promise((done, fail) => {
    const s = createConnection({ host, port: Number(port) }, () => s.write(frame));
    s.on('data', () => s.end());
    s.on('close', done);
    s.on('error', fail);
    setTimeout(() => s.end(), 3000);
  });
}

async function deviceJourney() {
  const { page, close } = await open();
  await page.goto(`${base}/devices`);
  await page.waitForSelector('tr[data-mn]');
  await shot(page, 'devices');
  await page.locator('th button').nth(2).click();
  await page.waitForURL(/sort=frames/);
  await page.waitForSelector('tr[data-mn]');
  let mn = '';
  if (opt.hj212) {
    mn = `E2E${Date.now().toString(16).toUpperCase().padStart(21, '0')}`;
    await send(mn, 2011, 'w01018-Rtd=36.5,w01018-Flag=N;w01001-Rtd=7.21,w01001-Flag=N');
    await until(
      `the unknown device ${mn} is listed`,
      async () => (await api(`devices?state=quarantined&q=${mn}`)).total,
    );
  }
  const { items } = await api(`devices?state=quarantined&limit=5${mn ? `&q=${mn}` : ''}`);
  if (items.length === 0) throw new NotRun('no device is in quarantine, and --hj212 was not given to send one');
  mn = items[0].mn;
  await page.locator('[data-state=quarantined]').click();
  await page.locator('[data-test=device-search]').fill(mn);
  const row = page.locator(`tr[data-mn="${mn}"]`);
  await row.waitFor();
  await page.waitForFunction(() => document.querySelectorAll('tr[data-mn]').length === 1);
  await shot(page, 'devices-quarantined');
  await row.locator('[data-test=register]').click();
  await page.locator('[data-test=said]').waitFor();
  await until(
    'the device has a site now',
    async () => (await api(`devices?q=${mn}`)).items[0],
    (d) => d?.site && d.state !== 'quarantined',
  );
  await shot(page, 'devices-registered');
  await close();
}

async function post(path, body, type = 'application/json') {
  const r = await fetch(`${base}/api/v1/${path}`, {
    method: 'POST',
    headers: { ...ONCE, 'content-type': type },
    body: type === 'text/csv' ? body : JSON.stringify(body),
  });
  assert.ok(r.ok, `POST ${path} answered ${r.status}: ${await r.clone().text()}`);
  return r.json();
}
const act = (name, target, data, reason = '验收') => post('acts', { act: name, by: '验收员', target, data, reason });
const day = (ago) => new Date(Date.now() + (8 - 24 * ago) * 3_600_000).toISOString().slice(0, 10);
const hourAgo = (n) => `${compact(n).slice(0, 10)}0000`;

/** An outlet of our own: a device on a site that nobody else writes to. */
async function outlet(name) {
  const mn = `E2E${Date.now().toString(16).toUpperCase().padStart(15, '0')}${Math.floor(Math.random() * 1e6)
    .toString()
    .padStart(6, '0')}`;
  const called = `${name}${mn.slice(-9)}`;
  await post(
    'devices/import',
    `mn,site_code,site_name,kind,district,lon,lat,point,edition,interval_s\n${mn},${mn},${called},source_water,320106,118.76,32.07,DW001,2017,3600\n`,
    'text/csv',
  );
  const { site } = await api(`devices/${mn}`);
  return { mn, site: site.id, name: site.name };
}

/* Raised by a frame, seen without a reload, acknowledged with a reason, explained down to the bytes, cleared, closed. */
async function alarmJourney() {
  if (!opt.hj212) throw new NotRun('--hj212 was not given: no frame can be sent');
  const o = await outlet('验收告警厂');
  await act(
    'limit.set',
    { site: o.site, point: 'DW001', factor: 'w01018' },
    { averaging: 'hour', from: day(3), high: 50, unit: 'mg/L', standard: 'GB 18918-2002', clause: '表1' },
  );
  const { page, close } = await open();
  await page.goto(`${base}/alarms?kind=exceedance`);
  await page.waitForSelector('.live.open', { timeout: WAIT });
  await page.waitForSelector('.queue .end, .queue .note', { timeout: WAIT });
  /* Whatever is said meanwhile, by alarms of the city too, is kept. */
  await page.evaluate(() => {
    const said = document.querySelector('[data-test=told]');
    window.told = [];
    new MutationObserver(() => window.told.push(said.textContent)).observe(said, {
      childList: true,
      characterData: true,
      subtree: true,
    });
  });
  await send(o.mn, 2061, 'w01018-Avg=88.8,w01018-Flag=N', hourAgo(2));
  const row = page.locator('.queue li', { hasText: o.name });
  await reads(row, /88\.8.*50/s, 'value and limit in the row');
  await page.waitForFunction((name) => window.told.some((x) => x.includes(name)), o.name); /* it is said aloud */
  await page.locator('[data-test=alarm-badge]').waitFor({ timeout: WAIT });
  await row.click();
  const d = page.locator('[data-test=alarm-detail]');
  await d.locator('[data-test=limit-curve] .limit').waitFor({ timeout: WAIT });
  await reads(d, /GB 18918-2002/, 'the clause');
  await mapReady(page);
  await page.keyboard.press('a');
  await d.locator('[data-test=submit]').click();
  await reads(d.locator('[data-test=wrong]'), /经办人/, 'nobody acknowledges without a name');
  await d.locator('[data-test=by]').fill('验收员');
  await d.locator('[data-test=submit]').click();
  await reads(d.locator('[data-test=wrong]'), /理由/, 'nor without a reason');
  await d.locator('[data-test=reason]').fill('已电话通知企业');
  await d.locator('[data-test=submit]').click();
  await d.locator('[data-test=said]').waitFor({ timeout: WAIT });
  await reads(d.locator('[data-test=alarm-state]'), /^已确认$/);
  await reads(d.locator('[data-test=life]'), /验收员（身份未核实）[\s\S]*已电话通知企业/);
  await until(
    'the reason is on the record',
    async () => (await api(`alarms?site=${o.site}`)).items[0]?.ack?.reason,
    (z) => z === '已电话通知企业',
  );
  await shot(page, 'alarms-detail');
  await page.keyboard.press('e');
  await d.locator('[data-kind=observation] .fold').first().click({ timeout: WAIT });
  await d.locator('[data-test=show-entry]').first().click();
  const raw = await reads(
    d.locator('[data-test=entry-raw]').first(),
    /##\d{4}.*w01018-Avg=88\.8/s,
    'the tree ends in the frame that the device sent:',
  );
  assert.doesNotMatch(raw, /PW=(?!\*{6})/, 'the password is masked');
  await shot(page, 'alarms-explain');
  await page.keyboard.press('Escape');
  await send(o.mn, 2061, 'w01018-Avg=20.5,w01018-Flag=N', hourAgo(1));
  await d.locator('[data-test=close-alarm]').click({ timeout: WAIT });
  await d.locator('[data-test=verdict]').selectOption('test');
  await d.locator('[data-test=reason]').fill('验收完毕');
  await d.locator('[data-test=submit]').click();
  await page.waitForFunction(() => document.querySelector('[data-test=alarm-state]')?.textContent === '已办结', null, {
    timeout: WAIT,
  });
  await counts(row, 1, 'the row stays under the reader until the list is asked anew');
  await close();
}

/* An outlet with a day of hours, one missing, one struck by its device, a limit, a check, a mark and an alarm. */
async function reviewedOutlet(name) {
  const o = await outlet(name);
  await act(
    'limit.set',
    { site: o.site, point: 'DW001', factor: 'w01018' },
    { averaging: 'hour', from: day(4), high: 50, unit: 'mg/L', standard: 'GB 18918-2002', clause: '表1' },
  );
  for (let h = 30; h >= 1; h--) {
    if (h === 12) continue;
    await send(
      o.mn,
      2061,
      `w00000-Avg=12.5,w00000-Flag=N;w01018-Avg=${h <= 2 ? 71 : 30 + (h % 5)}.5,w01018-Flag=${h === 20 ? 'D' : 'N'}`,
      hourAgo(h),
    );
  }
  await act(
    'calibration.file',
    { site: o.site, point: 'DW001', factor: 'w01018' },
    {
      kind: 'standard_sample',
      at: new Date(Date.now() - 6 * 3_600_000).toISOString().replace(/\.\d+Z/, 'Z'),
      set: 50,
      read: 51,
      passed: true,
    },
  );
  /* What the device owes is known once it has been looked at: then what is missing can be said. */
  const owed = async () =>
    (
      await fetch(`${base}/api/v1/devices/${o.mn}/contract`, {
        method: 'PUT',
        headers: { ...ONCE, 'content-type': 'application/json' },
        body: JSON.stringify({ cn: 2061, interval_s: 3600 }),
      })
    ).ok;
  await until('the device has its arrival contract', owed);
  const p = `site=${o.site}&point=DW001&factor=w01018`;
  await until('the hours are reviewed', async () =>
    (
      await api(
        `review/hours?${p}&from=${encodeURIComponent(`${day(1)}T00:00:00+08:00`)}&to=${encodeURIComponent(`${day(-1)}T00:00:00+08:00`)}`,
      )
    ).items.some((x) => x.state === 'invalid'),
  );
  await until('its alarm is raised', async () => (await api(`alarms?site=${o.site}&late=all`)).items.length);
  await until('the day is reviewed', async () => (await api(`review/calendar?${p}`)).factors.length);
  return o;
}

async function timelineJourney() {
  if (!opt.hj212) throw new NotRun('--hj212 was not given: no frame can be sent');
  const o = await reviewedOutlet('验收时间线厂');
  const { page, close } = await open();
  await page.goto(`${base}/sites/${o.site}`);
  await page.locator('[data-tab=timeline]').click({ timeout: WAIT });
  const svg = page.locator('[data-test=timeline] svg[data-ready]');
  await svg.waitFor({ timeout: WAIT });
  for (const [what, mark] of [
    ['the dated limit', '.limit'],
    ['the hour that the device struck, as invalid', '.strip.invalid'],
    ['the bar of the alarm', '.span.alarms'],
    ['the mark of the check', '[data-lane=acts] + *, .inst'],
    ['the cross of the hour that did not come', '.frame .miss'],
  ])
    await until(`${what} is drawn`, () => svg.locator(mark).count());
  const box = await svg.boundingBox();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
  await reads(page.locator('[data-test=read]'), /化学需氧量[\s\S]*mg\/L/, 'hover');
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.9, box.y + 44, { steps: 5 });
  await page.mouse.up();
  const pack = page.locator('[data-test=pack]');
  await pack.locator('[data-test=pack-by]').fill('验收员');
  await pack.locator('[data-test=pack-why]').fill('验收 1 号');
  await shot(page, 'site-timeline');
  const [file] = await Promise.all([
    page.waitForEvent('download', { timeout: WAIT }),
    pack.locator('[data-test=pack-go]').click(),
  ]);
  assert.match(file.suggestedFilename(), /^evidence-.*\.tar$/, 'the window gives a package');
  await close();
}

async function validityJourney() {
  if (!opt.hj212) throw new NotRun('--hj212 was not given: no frame can be sent');
  const o = await reviewedOutlet('验收日历厂');
  const { page, close } = await open({ refusals: true });
  await page.goto(`${base}/sites/${o.site}?tab=validity`);
  const square = page.locator('.sq[data-factor=w01018]:not(.today)').last();
  await reads(square, /[有无缺停免—]\s*\d+/, 'a day has a letter and a number, not colour alone:');
  /* An hour for which a mark is in time. */
  const then = compact(3);
  await page
    .locator(`.sq[data-factor=w01018][data-day="${then.slice(0, 4)}-${then.slice(4, 6)}-${then.slice(6, 8)}"]`)
    .click();
  await page
    .locator('[data-test=hours] .strip .sq')
    .nth(Number(then.slice(8, 10)))
    .click({ timeout: WAIT });
  await page.locator('[data-test=hour]').waitFor({ timeout: WAIT });
  await page.locator('[data-test=explain-hour]').click();
  await page.locator('[data-test=explain-tree] [data-kind=finding]').first().waitFor({ timeout: WAIT });
  await shot(page, 'site-validity');
  /* A mark that ends before it begins is refused by the server, and its words stand at the form. */
  const form = page.locator('[data-test=mark-form]');
  await form.locator('[data-test=mark-code]').selectOption('B01');
  await form.locator('[data-test=by]').fill('验收员');
  const from = await when(form.locator('[data-test=mark-from]'));
  const to = await when(form.locator('[data-test=mark-to]'));
  await setWhen(form.locator('[data-test=mark-from]'), to);
  await setWhen(form.locator('[data-test=mark-to]'), from);
  await form.locator('[data-test=mark-reason]').fill('验收校准');
  const expected = page.waitForResponse((r) => r.url().endsWith('/api/v1/acts') && r.status() >= 400, {
    timeout: WAIT,
  });
  await form.locator('[data-test=file]').click();
  await expected;
  await reads(form.locator('[data-test=refused]'), /data\.to/, 'the field that is wrong, by the server');
  await setWhen(form.locator('[data-test=mark-from]'), from);
  await setWhen(form.locator('[data-test=mark-to]'), to);
  await form.locator('[data-test=file]').click();
  await form.locator('[data-test=filed]').waitFor({ timeout: WAIT });
  await until(
    'one mark is on the record',
    async () => (await api(`review/rows?kind=mark&site=${o.site}`)).items.length,
    (n) => n === 1,
  );
  await page.waitForFunction(() => document.querySelector('.strip .sq.on')?.classList.contains('invalid'), null, {
    timeout: WAIT,
  });
  await shot(page, 'site-validity-marked');
  await close();
}

/** A day's sheet: what is owed leads to the outlet's hours; closing without a reason is refused at the form, with one it is closed. */
async function sheetJourney() {
  const { items } = await api('review/sheet');
  const open_ = items.find((i) => i.state === 'open' && i.body.factors.length);
  if (!open_) throw new NotRun("yesterday's sheet has nothing open");
  const { page, close } = await open();
  await page.goto(`${base}/sheet?what=${open_.what}`);
  const row = page.locator(`[data-key="${open_.site}~${open_.point}~${open_.what}"]`);
  await row.waitFor();
  const left = items.filter((i) => i.what === open_.what && i.state === 'open').length;
  await reads(page.locator(`[data-what=${open_.what}] b`), new RegExp(`^${left}$`), 'the counter of what is open');
  await row.locator('[data-test=open]').click();
  await page.locator('[data-test=hours] .strip .sq').first().waitFor();
  await page.waitForURL(new RegExp(`/sites/${open_.site}\\?.*tab=validity`));
  await page.goBack();
  await row.locator('[data-test=ask]').click();
  const form = row.locator('[data-test=close-form]');
  await form.locator('[data-test=by]').fill('验收员');
  const { closing } = await api('review/dictionary');
  await counts(form.locator('[data-test=code] option'), closing.length + 1, "the codes are the dictionary's:");
  await form.locator('[data-test=code]').selectOption(closing[0].key);
  await form.locator('[data-test=close]').click();
  await form.locator('[data-test=refused]').waitFor();
  await shot(page, 'sheet-refused');
  await form.locator('[data-test=reason]').fill('验收：已向排口核实');
  await form.locator('[data-test=close]').click();
  await page.locator('[data-test=said]').waitFor();
  await until('the item is closed on the server', async () =>
    (await api('review/sheet')).items.some(
      (i) =>
        i.site === open_.site &&
        i.point === open_.point &&
        i.what === open_.what &&
        i.state === 'closed' &&
        i.body.closed?.code === closing[0].key,
    ),
  );
  await page.locator('[data-test=state]').selectOption('closed');
  await reads(row, /验收：已向排口核实/, 'who closed it, and why, stands at the item:');
  await shot(page, 'sheet-closed');
  await close();
}

/** A suspicion with its reasons, curves and what to look at; a verdict needs a reason and stands in the log of acts. */
async function suspectJourney() {
  const { page, close } = await open();
  await page.goto(`${base}/suspects`);
  await page.locator('[data-test=bench] tbody tr').first().waitFor();
  await counts(page.locator('[data-test=bench] tbody tr'), (await api('detectors')).items.length, 'rows of detectors');
  await shot(page, 'suspects-bench');
  const first = (await api('suspicions?state=new&limit=1')).items[0];
  if (!first) {
    await close();
    throw new NotRun('there is no suspicion that nobody has looked at (tools/demo --cheats)');
  }
  await page.locator(`[data-id="${first.id}"]`).click();
  const one = page.locator('[data-test=suspect]');
  await reads(one.locator('[data-test=reason]').first(), /\d/, 'the reason, with numbers,');
  await one.locator('[data-test=suspect-chart] [data-last]').first().waitFor();
  await one.locator('[data-verdict=looking]').click();
  await one.locator('[data-test=by]').fill('验收员');
  await one.locator('[data-test=submit]').click();
  await one.locator('[data-test=refused]').waitFor();
  await one.locator('[data-test=reason-text]').fill('验收：派人到现场');
  await one.locator('[data-test=submit]').click();
  await one.locator('[data-test=said]').waitFor();
  await until(
    'the verdict holds on the server',
    async () => (await api(`suspicions/${encodeURIComponent(first.id)}`)).state === 'looking',
  );
  await page.reload();
  await reads(one.locator('[data-test=verdicts]'), /验收：派人到现场/);
  await shot(page, 'suspect-verdict');
  await close();
}

async function switchJourney() {
  const { page, close } = await open();
  await page.goto(`${base}/devices`);
  const ground = (colour) =>
    until(
      `the ground is ${colour}`,
      () => page.evaluate(() => getComputedStyle(document.body).backgroundColor),
      (z) => z === colour,
    );
  await reads(page.locator('h1'), /^设备$/);
  await page.locator('[data-test=lang]').click();
  await reads(page.locator('h1'), /^Devices$/);
  await page.waitForSelector('html[lang=en]', { state: 'attached' });
  await ground('rgb(245, 242, 234)');
  await page.locator('[data-test=theme]').click();
  await page.waitForSelector('html[data-theme=dark]', { state: 'attached' });
  await ground('rgb(16, 24, 27)');
  await page.reload();
  await page.waitForSelector('html[data-theme=dark]', { state: 'attached' }); /* the choice outlives a reload */
  await reads(page.locator('h1'), /^Devices$/);
  await close();
}

async function liveJourney() {
  const { page, close } = await open();
  await page.goto(`${base}/map`);
  await page.waitForSelector('.live.open', { timeout: WAIT });
  const first = (await api('summary')).frames.total;
  const shown = await page.locator('[data-test=summary]').innerText();
  if (!(await until('a frame arrives', async () => (await api('summary')).frames.total > first).catch(() => false)))
    throw new NotRun('no frame arrived: is a device or the simulator talking to the gateway?');
  await until(
    'the summary strip follows the live stream',
    () => page.locator('[data-test=summary]').innerText(),
    (z) => z !== shown,
  );
  await close();
}

async function deepLinks() {
  const { page, close } = await open();
  await page.goto(`${base}/no/such/page`);
  await reads(page.locator('h1'), /没有这个页面/);
  /* Two keys belong together when they come within a second or so: pressed again where the machine was slower. */
  await until('the keys g, d lead to the devices', async () => {
    await page.keyboard.press('g');
    await page.keyboard.press('d');
    return page.url() === `${base}/devices`;
  });
  await page.locator('h1').waitFor();
  await page.keyboard.press('/');
  await page.locator('header .find input:focus').waitFor();
  await page.keyboard.type((await api('sites?limit=1')).items[0].name.slice(0, 4));
  await page.waitForSelector('#hits li[role=option]');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/(sites\/\d+|devices)/);
  await close();
}

/** Every page in both languages, light and dark, desktop and phone, for the eye; nothing may run out of the window. */
async function gallery() {
  const site = await siteWithPoints().catch(() => null);
  const pages = [
    ['map', '/map'],
    ['situation', '/situation'],
    ['alarms', '/alarms'],
    ['sheet', '/sheet'],
    ['suspects', '/suspects'],
    ['sites', '/sites'],
    ['devices', '/devices'],
    ...(site
      ? [
          ['site', `/sites/${site.id}`],
          ['map-site', `/map?site=${site.id}`],
          ['timeline', `/sites/${site.id}?tab=timeline`],
          ['validity', `/sites/${site.id}?tab=validity`],
        ]
      : []),
  ];
  for (const [w, h] of [
    [1440, 900],
    [390, 844],
  ]) {
    for (const theme of ['light', 'dark']) {
      for (const lang of ['zh', 'en']) {
        const { page, close } = await open({ width: w, height: h, theme, lang });
        for (const [name, path] of pages) {
          await page.goto(base + path);
          if (name.startsWith('map')) await mapReady(page);
          else
            await page.waitForSelector(
              {
                site: '[data-test=chart][data-last]',
                timeline: '[data-test=timeline] svg[data-ready]',
                validity: '[data-test=validity] .cal > *',
                situation: '[data-test=situation][data-ready]',
              }[name] ??
                (name === 'sheet'
                  ? '[data-test=sheet] .list, [data-test=sheet] .none'
                  : name === 'suspects'
                    ? '[data-test=ranked] li, .empty'
                    : name === 'alarms'
                      ? '.queue .end, .queue .note'
                      : 'tbody tr'),
            );
          await until(
            `${path} is no wider than the window at ${w} px (${lang})`,
            () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
            (over) => over <= 0,
          );
          await shot(page, `${name}-${w}-${theme}-${lang}`);
        }
        await close();
      }
    }
  }
}

const only = opt.only?.split(',');
const failures = [];
let notRun = 0;
for (const [name, f] of Object.entries({
  'map to site': mapJourney,
  'one map': oneMapJourney,
  'point to frame': frameJourney,
  'register a device': deviceJourney,
  'alarm desk': alarmJourney,
  timeline: timelineJourney,
  'validity calendar': validityJourney,
  ...(opt.suspects ? { 'day sheet': sheetJourney, suspicions: suspectJourney } : {}),
  'data set in the form': () => setJourney({ base, open, shot, api }),
  'explain in place': () => explainJourney({ base, open, shot, api, NotRun }),
  'classes in their colours': () => classesJourney({ base, open, shot, api, NotRun }),
  'language and theme': switchJourney,
  'live stream': liveJourney,
  'links, keys, search': deepLinks,
  gallery: gallery,
})) {
  if (only && !only.some((o) => name.includes(o))) continue;
  const from = problems.length;
  try {
    await f();
    const found = problems.slice(from);
    assert.equal(found.length, 0, found.join('\n      '));
    console.log(`ok    ${name}`);
  } catch (e) {
    if (e instanceof NotRun) {
      notRun++;
      console.log(`not run: ${name}: ${e.message}`);
    } else {
      failures.push(await failure(name, e, browser, `${out}failed-${name.replace(/\W+/g, '-')}`));
      console.log(`FAIL  ${failures.at(-1)}`);
    }
  }
  for (const c of browser.contexts()) await c.close();
}
await browser.close();
/* Once more at the end, where the tail of a log has it. */
for (const f of failures) console.log(f);
console.log(`${failures.length ? 'failed' : 'passed'}; pictures in ${out}`);
process.exit(failures.length ? 1 : notRun ? 77 : 0);
