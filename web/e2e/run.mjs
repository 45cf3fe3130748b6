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
import { setWhen, when } from './house.mjs';
import { classesJourney, setJourney } from './journeys/charts.mjs';
import { explainJourney } from './journeys/explain.mjs';

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

const WAIT = Number(
  process.env.E2E_WAIT ?? 180_000,
); /* a loaded machine may take its time; nothing here is about speed */
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
const api = async (path) => {
  const r = await fetch(`${base}/api/v1/${path}`);
  assert.equal(r.status, 200, `GET ${path} answered ${r.status}`);
  return r.json();
};

async function until(test) {
  for (const end = Date.now() + WAIT; Date.now() < end; await new Promise((r) => setTimeout(r, 400)))
    if (await test()) return true;
  return false;
}

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
  const { total } = await api('sites?limit=1');
  const drawn = Number(await page.getAttribute('[data-test=map]', 'data-ready'));
  assert.ok(drawn > 0 && drawn <= total + 5, `the map holds ${drawn} of ${total} sites`);
  await page.waitForSelector('[data-test=map][data-free]');
  const [id, x, y] = (await page.getAttribute('[data-test=map]', 'data-free')).split(':').map(Number);
  await page.mouse.click(x + 64, y + 48);
  const pop = page.locator('[data-test=popover]');
  await pop.waitFor();
  const site = await api(`sites/${id}`);
  assert.match(
    await pop.innerText(),
    new RegExp(site.name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')),
    'the popover names the site that was clicked',
  );
  await page.waitForTimeout(400);
  await shot(page, 'map-popover');
  /* A layer that is off is not drawn. */
  const before = drawn;
  const { total: air } = await api(`sites?kind=${site.kind}&limit=1`);
  await page.locator(`input[data-layer=${site.kind}]`).uncheck();
  await page.waitForFunction(
    (n) => Number(document.querySelector('[data-test=map]').dataset.ready) === n,
    before - air,
    { timeout: WAIT },
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
  for (const id of layers)
    assert.equal(await page.locator(`input[data-layer="${id}"]`).count(), 1, `layer ${id} is in the tree`);
  await page.locator('[data-test=all-layers]').click();
  await page.waitForFunction(
    (n) => (document.querySelector('[data-overlay]')?.dataset.overlay ?? '').split(' ').length >= n,
    layers.length,
    { timeout: WAIT },
  );
  await page.waitForTimeout(800);
  await shot(page, 'onemap-all');
  await page.locator('[data-test=step-back]').click();
  await page.waitForFunction(() => /T/.test(document.querySelector('[data-moment]')?.dataset.moment ?? ''), null, {
    timeout: WAIT,
  });
  const moment = await page.locator('[data-moment]').getAttribute('data-moment');
  assert.ok(Date.parse(moment) < Date.now(), `the map shows ${moment}`);
  await shot(page, 'onemap-past');
  await page.locator('[data-test=to-live]').click();
  await page.waitForSelector('[data-moment=live]');
  await page.locator('[data-test=tool-here]').click();
  await page.locator('[data-test=coord]').fill('118.805205, 32.04795');
  await page.locator('[data-test=crs]').selectOption('GCJ02');
  await page.locator('[data-test=ask]').click();
  await page.waitForSelector('[data-test=converted]');
  const asked = await fetch(`${base}/api/v1/map/here`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      lon: 118.805205,
      lat: 32.04795,
      radius_m: 1000,
      crs: 'GCJ02',
      layers: ['sites', 'discharger', 'outlet'],
    }),
  }).then((r) => r.json());
  for (const g of asked.groups)
    for (const l of g.layers)
      if (l.count)
        assert.match(
          await page.locator(`[data-found="${l.id}"] summary b`).innerText(),
          new RegExp(`^${l.count}`),
          `${l.id} as the server says`,
        );
  await page.waitForTimeout(600);
  await shot(page, 'onemap-here');
  const box = await page.locator('[data-test=map]').boundingBox();
  const at = (x, y) => [box.x + x, box.y + y];
  await page.locator('[data-test=tool-length]').click();
  await page.mouse.click(...at(420, 300));
  await page.mouse.dblclick(...at(620, 300));
  assert.match(await page.locator('[data-test=draw-hint] b').innerText(), /\d.*k?m/, 'a length is told');
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
  assert.equal(await page.locator('[data-element]').count(), s.elements.length, 'every element has its row');
  await shot(page, 'situation');
  await close();
}

async function frameJourney() {
  const site = await siteWithPoints();
  const { page, close } = await open();
  await page.goto(`${base}/sites/${site.id}`);
  await page.waitForSelector('[data-test=chart][data-last]', { timeout: WAIT });
  await page.waitForTimeout(300);
  const box = await page.locator('[data-test=chart]').boundingBox();
  const [x, y] = (await page.getAttribute('[data-test=chart]', 'data-last')).split(':').map(Number);
  await page.mouse.move(box.x + x - 120, box.y + y);
  await page.mouse.click(box.x + x, box.y + y);
  const why = page.locator('[data-test=why]');
  await why.locator('[data-test=raw]').waitFor({ timeout: WAIT });
  const raw = await why.locator('[data-test=raw]').innerText();
  assert.match(raw, /##\d{4}.*&&/s, 'the raw frame is shown');
  assert.ok((await why.locator('mark').innerText()).length > 3, 'the factor is highlighted in the frame');
  assert.doesNotMatch(raw, /PW=(?!\*{6})/, 'the password is masked');
  assert.match(await why.locator('[data-test=crc]').innerText(), /CRC/);
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
    assert.ok(
      await until(async () => (await api(`devices?state=quarantined&q=${mn}`)).total > 0),
      `the unknown device ${mn} is not listed`,
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
  const after = await api(`devices?q=${mn}`);
  assert.ok(after.items[0]?.site, 'the device has a site now');
  assert.notEqual(after.items[0].state, 'quarantined');
  await shot(page, 'devices-registered');
  await close();
}

async function post(path, body, type = 'application/json') {
  const r = await fetch(`${base}/api/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': type },
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
  await row.waitFor({ timeout: WAIT });
  assert.match(await row.innerText(), /88\.8.*50/s, 'the row says value and limit');
  await page.waitForFunction((name) => window.told.some((x) => x.includes(name)), o.name); /* it is said aloud */
  await page.locator('[data-test=alarm-badge]').waitFor({ timeout: WAIT });
  await row.click();
  const d = page.locator('[data-test=alarm-detail]');
  await d.locator('[data-test=limit-curve] .limit').waitFor({ timeout: WAIT });
  assert.match(await d.innerText(), /GB 18918-2002/, 'the clause is named');
  await mapReady(page);
  await page.keyboard.press('a');
  await d.locator('[data-test=submit]').click();
  assert.match(await d.locator('[data-test=wrong]').innerText(), /经办人/, 'nobody acknowledges without a name');
  await d.locator('[data-test=by]').fill('验收员');
  await d.locator('[data-test=submit]').click();
  assert.match(await d.locator('[data-test=wrong]').innerText(), /理由/, 'nor without a reason');
  await d.locator('[data-test=reason]').fill('已电话通知企业');
  await d.locator('[data-test=submit]').click();
  await d.locator('[data-test=said]').waitFor({ timeout: WAIT });
  assert.equal(await d.locator('[data-test=alarm-state]').innerText(), '已确认');
  assert.match(await d.locator('[data-test=life]').innerText(), /验收员（身份未核实）[\s\S]*已电话通知企业/);
  const { items } = await api(`alarms?site=${o.site}`);
  assert.equal(items[0].ack.reason, '已电话通知企业', 'the reason is on the record');
  await shot(page, 'alarms-detail');
  await page.keyboard.press('e');
  await d.locator('[data-kind=observation] .fold').first().click({ timeout: WAIT });
  await d.locator('[data-test=show-entry]').first().click();
  const raw = await d.locator('[data-test=entry-raw]').first().innerText();
  assert.match(raw, /##\d{4}.*w01018-Avg=88\.8/s, 'the tree ends in the frame that the device sent');
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
  assert.equal(await row.count(), 1, 'the row stays under the reader until the list is asked anew');
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
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ cn: 2061, interval_s: 3600 }),
      })
    ).ok;
  assert.ok(await until(owed), 'the device has its arrival contract');
  const p = `site=${o.site}&point=DW001&factor=w01018`;
  assert.ok(
    await until(async () =>
      (
        await api(
          `review/hours?${p}&from=${encodeURIComponent(`${day(1)}T00:00:00+08:00`)}&to=${encodeURIComponent(`${day(-1)}T00:00:00+08:00`)}`,
        )
      ).items.some((x) => x.state === 'invalid'),
    ),
    'the hours are reviewed',
  );
  assert.ok(
    await until(async () => (await api(`alarms?site=${o.site}&late=all`)).items.length > 0),
    'its alarm is raised',
  );
  assert.ok(await until(async () => (await api(`review/calendar?${p}`)).factors.length > 0), 'the day is reviewed');
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
  assert.ok((await svg.locator('.limit').count()) >= 1, 'the dated limit is drawn');
  assert.ok((await svg.locator('.strip.invalid').count()) >= 1, 'the hour that the device struck is seen as invalid');
  assert.ok((await svg.locator('.span.alarms').count()) >= 1, 'the alarm has its bar');
  assert.ok((await svg.locator('[data-lane=acts] + *, .inst').count()) >= 1, 'the check has its mark');
  assert.ok((await svg.locator('.frame .miss').count()) >= 1, 'the hour that did not come is crossed');
  const box = await svg.boundingBox();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 40);
  await page.locator('[data-test=read]').waitFor({ timeout: WAIT });
  assert.match(await page.locator('[data-test=read]').innerText(), /化学需氧量[\s\S]*mg\/L/, 'hover reads the values');
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
  await square.waitFor({ timeout: WAIT });
  assert.match(await square.innerText(), /[有无缺停免—]\s*\d+/, 'a day has a letter and a number, not colour alone');
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
  await form.locator('[data-test=mark-by]').fill('验收员');
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
  await form.locator('[data-test=refused]').waitFor({ timeout: WAIT });
  assert.match(
    await form.locator('[data-test=refused]').innerText(),
    /data\.to/,
    'the server says which field is wrong',
  );
  await setWhen(form.locator('[data-test=mark-from]'), from);
  await setWhen(form.locator('[data-test=mark-to]'), to);
  await form.locator('[data-test=file]').click();
  await form.locator('[data-test=filed]').waitFor({ timeout: WAIT });
  assert.equal((await api(`review/rows?kind=mark&site=${o.site}`)).items.length, 1, 'one mark is on the record');
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
  assert.equal(
    await page.locator(`[data-what=${open_.what}] b`).innerText(),
    String(left),
    'the counter says how many are open',
  );
  await row.locator('[data-test=open]').click();
  await page.locator('[data-test=hours] .strip .sq').first().waitFor();
  assert.match(
    page.url(),
    new RegExp(`/sites/${open_.site}\\?.*tab=validity`),
    'the item opens the validity of its outlet',
  );
  await page.goBack();
  await row.locator('[data-test=ask]').click();
  const form = row.locator('[data-test=close-form]');
  await form.locator('[data-test=by]').fill('验收员');
  const { closing } = await api('review/dictionary');
  assert.equal(
    await form.locator('[data-test=code] option').count(),
    closing.length + 1,
    "the codes are the dictionary's",
  );
  await form.locator('[data-test=code]').selectOption(closing[0].key);
  await form.locator('[data-test=close]').click();
  await form.locator('[data-test=refused]').waitFor();
  await shot(page, 'sheet-refused');
  await form.locator('[data-test=reason]').fill('验收：已向排口核实');
  await form.locator('[data-test=close]').click();
  await page.locator('[data-test=said]').waitFor();
  assert.ok(
    await until(async () =>
      (await api('review/sheet')).items.some(
        (i) =>
          i.site === open_.site &&
          i.point === open_.point &&
          i.what === open_.what &&
          i.state === 'closed' &&
          i.body.closed?.code === closing[0].key,
      ),
    ),
    'the item is closed on the server',
  );
  await page.locator('[data-test=state]').selectOption('closed');
  await row.waitFor();
  assert.match(await row.innerText(), /验收：已向排口核实/, 'who closed it, and why, stands at the item');
  await shot(page, 'sheet-closed');
  await close();
}

/** A suspicion with its reasons, curves and what to look at; a verdict needs a reason and stands in the log of acts. */
async function suspectJourney() {
  const { page, close } = await open();
  await page.goto(`${base}/suspects`);
  await page.locator('[data-test=bench] tbody tr').first().waitFor();
  assert.equal(
    await page.locator('[data-test=bench] tbody tr').count(),
    (await api('detectors')).items.length,
    'every detector has its row',
  );
  await shot(page, 'suspects-bench');
  const first = (await api('suspicions?state=new&limit=1')).items[0];
  if (!first) {
    await close();
    throw new NotRun('there is no suspicion that nobody has looked at (tools/demo --cheats)');
  }
  await page.locator(`[data-id="${first.id}"]`).click();
  const one = page.locator('[data-test=suspect]');
  await one.locator('[data-test=reason]').first().waitFor();
  assert.match(await one.locator('[data-test=reason]').first().innerText(), /\d/, 'the reason carries numbers');
  await one.locator('[data-test=suspect-chart] [data-last]').first().waitFor();
  await one.locator('[data-verdict=looking]').click();
  await one.locator('[data-test=by]').fill('验收员');
  await one.locator('[data-test=submit]').click();
  await one.locator('[data-test=refused]').waitFor();
  await one.locator('[data-test=reason-text]').fill('验收：派人到现场');
  await one.locator('[data-test=submit]').click();
  await one.locator('[data-test=said]').waitFor();
  assert.ok(
    await until(async () => (await api(`suspicions/${encodeURIComponent(first.id)}`)).state === 'looking'),
    'the verdict holds on the server',
  );
  await page.reload();
  await one.locator('[data-test=verdicts] li').first().waitFor();
  assert.match(await one.locator('[data-test=verdicts]').innerText(), /验收：派人到现场/);
  await shot(page, 'suspect-verdict');
  await close();
}

async function switchJourney() {
  const { page, close } = await open();
  await page.goto(`${base}/devices`);
  await page.waitForSelector('h1');
  assert.equal(await page.locator('h1').innerText(), '设备');
  await page.locator('[data-test=lang]').click();
  assert.equal(await page.locator('h1').innerText(), 'Devices');
  assert.equal(await page.getAttribute('html', 'lang'), 'en');
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.equal(await ground(), 'rgb(245, 242, 234)');
  await page.locator('[data-test=theme]').click();
  assert.equal(await page.getAttribute('html', 'data-theme'), 'dark');
  assert.equal(await ground(), 'rgb(16, 24, 27)');
  await page.reload();
  await page.waitForSelector('h1');
  assert.equal(await page.getAttribute('html', 'data-theme'), 'dark', 'the choice outlives a reload');
  assert.equal(await page.locator('h1').innerText(), 'Devices');
  await close();
}

async function liveJourney() {
  const { page, close } = await open();
  await page.goto(`${base}/map`);
  await page.waitForSelector('.live.open', { timeout: WAIT });
  const first = (await api('summary')).frames.total;
  const shown = await page.locator('[data-test=summary]').innerText();
  if (!(await until(async () => (await api('summary')).frames.total > first)))
    throw new NotRun('no frame arrived: is a device or the simulator talking to the gateway?');
  assert.ok(
    await until(async () => (await page.locator('[data-test=summary]').innerText()) !== shown),
    'the summary strip follows the live stream',
  );
  await close();
}

async function deepLinks() {
  const { page, close } = await open();
  await page.goto(`${base}/no/such/page`);
  await page.waitForSelector('h1');
  assert.match(await page.locator('h1').innerText(), /没有这个页面/);
  await page.keyboard.press('g');
  await page.keyboard.press('d');
  await page.waitForURL(`${base}/devices`);
  await page.keyboard.press('/');
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
          await page.waitForTimeout(500);
          await shot(page, `${name}-${w}-${theme}-${lang}`);
          const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(over <= 0, `${path} is ${over} px wider than the window at ${w} px (${lang})`);
        }
        await close();
      }
    }
  }
}

const only = opt.only?.split(',');
let failed = 0;
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
      failed++;
      console.log(`FAIL  ${name}\n      ${e.message}`);
    }
  }
}
await browser.close();
console.log(`${failed ? 'failed' : 'passed'}; pictures in ${out}`);
process.exit(failed ? 1 : notRun ? 77 : 0);
