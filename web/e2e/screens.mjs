// Screens, briefings, many browsers as one picture: against a running city whose house is open.
//   node e2e/screens.mjs --base http://127.0.0.1:8080 [--only sync,devices,briefing,offline,design] [--figures FILE]
// Exit: 0 passed, 1 failed, 77 could not run (the reason is printed). Waits are by condition; E2E_WAIT is their limit.
import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { counts, reads, setWhen, until, WAIT } from './house.mjs';
import { failure } from './tell.mjs';

const { values: opt } = parseArgs({
  options: {
    base: { type: 'string', default: 'http://127.0.0.1:8080' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
    only: { type: 'string' },
    figures: { type: 'string' },
  },
});
if (!existsSync(opt.chromium)) {
  console.log(`not run: no browser at ${opt.chromium}`);
  process.exit(77);
}
const root = fileURLToPath(new URL('../../', import.meta.url));
const out = fileURLToPath(new URL('./out/', import.meta.url));
mkdirSync(out, { recursive: true });
const saw = (what) => console.log(`成立 holds: ${what}`);
const figure = (what) => {
  console.log(`数 figure: ${what}`);
  if (opt.figures) appendFileSync(opt.figures, `${what}\n`);
};

/* --- the server --- */
async function call(method, path, body) {
  const r = await fetch(`${opt.base}/api/v1/${path}`, {
    method,
    /* Each on a connection of its own: one that lay idle may be closed by the server just now. */
    headers: {
      connection: 'close',
      ...(body === undefined ? {} : { 'content-type': typeof body === 'string' ? 'text/csv' : 'application/json' }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await r.text();
  return { status: r.status, body: text ? JSON.parse(text) : null };
}
async function ok(method, path, body) {
  const r = await call(method, path, body);
  assert.ok(r.status < 300, `${method} ${path} answered ${r.status}: ${JSON.stringify(r.body)}`);
  return r.body;
}
const make = (type, fields) => ok('POST', `things/${type}`, { fields });
const one = (type, id) => ok('GET', `things/${type}/${id}`);
async function change(type, id, fields) {
  return ok('PATCH', `things/${type}/${id}`, { fields, version: (await one(type, id)).version });
}
const found = async (type, field, value) =>
  (await ok('GET', `things/${type}?filter=${encodeURIComponent(JSON.stringify({ field, op: '=', value }))}`)).items[0];
async function seeded() {
  const board = `${root}modules/display/board/data/`;
  if (!(await found('chart', 'code', 'credit_ring')))
    for (const type of ['data_set', 'chart'])
      await ok('POST', `things/${type}/import`, readFileSync(`${board}${type}.csv`, 'utf8'));
  if (!(await found('screen', 'code', 'city_overview')))
    await ok('POST', 'things/screen/import', readFileSync(`${root}modules/display/screens/data/screen.csv`, 'utf8'));
}

/* --- browsers --- */
const browser = await chromium.launch({
  executablePath: opt.chromium,
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--enable-unsafe-swiftshader',
    '--force-color-profile=srgb',
    '--hide-scrollbars',
  ],
});
const problems = [];
async function page(width, height, more = {}) {
  const { lang = 'zh', base = opt.base, ...rest } = more;
  const context = await browser.newContext({
    viewport: { width, height },
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    ...rest,
  });
  await context.addInitScript((l) => {
    localStorage.setItem('shanshui.lang', l);
    addEventListener('securitypolicyviolation', (e) => console.error(`CSP ${e.violatedDirective} ${e.blockedURI}`));
  }, lang);
  const p = await context.newPage();
  p.setDefaultTimeout(WAIT);
  p.on('console', (m) => {
    if (
      m.type() === 'error' &&
      !/GPU|swiftshader|WebGL|ERR_INTERNET_DISCONNECTED|Failed to load resource.*(409|422|400)|net::ERR/i.test(m.text())
    )
      problems.push(`console: ${m.text()} (${p.url()})`);
  });
  p.on('pageerror', (e) => problems.push(`page error: ${e.message} (${p.url()})`));
  p.on('request', (r) => {
    if (!r.url().startsWith(base) && !/^(blob|data):/.test(r.url())) problems.push(`request off the host: ${r.url()}`);
  });
  return p;
}
const go = (p, path) => p.goto(opt.base + path, { waitUntil: 'domcontentloaded' });
const shot = (p, name) => p.screenshot({ path: `${out}${name}.png`, scale: 'css' });
/** The moment of the data that a page shows, once it is what is meant. */
const momentOf = (p, what, right) => until(what, () => at(p, '[data-test=player]', 'data-as-of'), right);
const at = (p, sel, name) => p.locator(sel).first().getAttribute(name);
/** Pixels in which two pictures differ (any channel by more than `by`), worked out in a browser; parts: [{png, x, y}] are laid together first. */
async function differ(whole, parts, by = 0) {
  const p = await (await browser.newContext()).newPage();
  const r = await p.evaluate(
    async ([a, list, tolerance]) => {
      const bitmap = async (b64) => createImageBitmap(await (await fetch(`data:image/png;base64,${b64}`)).blob());
      const first = await bitmap(a);
      const make = () => new OffscreenCanvas(first.width, first.height).getContext('2d', { willReadFrequently: true });
      const one = make(),
        two = make();
      one.drawImage(first, 0, 0);
      for (const x of list) two.drawImage(await bitmap(x.png), x.x, x.y);
      const u = one.getImageData(0, 0, first.width, first.height).data,
        v = two.getImageData(0, 0, first.width, first.height).data;
      let n = 0,
        lit = 0,
        where = '';
      for (let i = 0; i < u.length; i += 4) {
        if (u[i] + u[i + 1] + u[i + 2] > 120) lit++;
        if (Math.max(Math.abs(u[i] - v[i]), Math.abs(u[i + 1] - v[i + 1]), Math.abs(u[i + 2] - v[i + 2])) > tolerance) {
          n++;
          if (!where) where = `${(i / 4) % first.width},${Math.floor(i / 4 / first.width)}`;
        }
      }
      return { n, lit, of: u.length / 4, where };
    },
    [whole.toString('base64'), parts.map((x) => ({ ...x, png: x.png.toString('base64') })), by],
  );
  await p.context().close();
  return r;
}

/* --- P1.1.1 --- */
const W = 3840,
  H = 1080;
const NODES = [
  { node: 1, x: 0, y: 0, w: 1280, h: 540 },
  { node: 2, x: 1280, y: 0, w: 1280, h: 540 },
  { node: 3, x: 2560, y: 0, w: 1280, h: 540 },
  { node: 4, x: 0, y: 540, w: 3840, h: 540 },
];

async function sync() {
  const stamp = `${Date.now()}`;
  const wall = (await make('wall', { name: `验收墙 ${stamp}`, width: W, height: H, outputs: NODES })).id;
  const play = (await make('play', { title: `测试图 ${stamp}`, screen: 'test_pattern', mode: 'live' })).id;
  /* A moment at which the bar, that needs eight seconds for the canvas, stands in the second node. */
  const hold = Math.ceil((await ok('GET', 'time')).us / 8_000_000) * 8000 + 3958;
  const open = async (o, query) => {
    const p = await page(o.w, o.h);
    await go(p, `/play/${play}?${query}`);
    await p.locator('[data-test=pattern]').waitFor();
    await p.evaluate(() => document.fonts.ready);
    return p;
  };
  /* One frame of the server's clock, in four browsers and in one. */
  const nodes = [];
  for (const o of NODES) nodes.push(await open(o, `wall=${wall}&node=${o.node}&hold=${hold}`));
  const whole = await open({ w: W, h: H }, `rect=0,0,${W},${H}&hold=${hold}`);
  /* Nothing else may lie over the picture: a page that has lost its server for a moment says so on it. */
  for (const p of [...nodes, whole]) await p.locator('[data-test=player][data-state=on]').waitFor();
  const states = await until(
    'one state',
    () =>
      Promise.all(
        [...nodes, whole].map(
          async (p) =>
            `${await at(p, '[data-test=player]', 'data-version')} ${await at(p, '[data-test=pattern]', 'data-tick')}`,
        ),
      ),
    (l) => new Set(l).size === 1,
  );
  saw(`四个浏览器与整幅在同一版本、同一拍 four browsers and the whole have one version and one tick: ${states[0]}`);
  const picture = await whole.screenshot();
  const parts = await Promise.all(
    nodes.map(async (p, i) => ({ png: await p.screenshot(), x: NODES[i].x, y: NODES[i].y })),
  );
  writeFileSync(`${out}wall-whole.png`, picture);
  /* Where a browser smooths an edge it rounds by the tile that it paints: of that much a pixel may differ, and few do. */
  const SMOOTH = 64,
    d = await differ(picture, parts, SMOOTH),
    slight = await differ(picture, parts, 8);
  assert.ok(d.lit > 50_000, `the pattern is not there: ${d.lit} pixels`);
  assert.equal(d.n, 0, `${d.n} of ${d.of} pixels differ, the first at ${d.where}`);
  assert.ok(slight.n < d.of * 0.004, `${slight.n} pixels differ slightly`);
  saw(
    `四张截图拼合与整幅相同 the four pictures laid together are the whole: of ${d.of} pixels none differs by more than ${SMOOTH}/255, ${slight.n} (at smoothed edges) by more than 8`,
  );
  /* It bites: a part drawn one pixel off, or one frame later, is seen. */
  const off = await differ(
    picture,
    parts.map((x, i) => (i === 1 ? { ...x, x: x.x + 1 } : x)),
    SMOOTH,
  );
  assert.ok(off.n > 500, 'a part that is one pixel off went unseen');
  const later = await open(NODES[1], `wall=${wall}&node=2&hold=${hold + 17}`);
  const drift = await differ(
    picture,
    parts
      .map((x, i) => (i === 1 ? null : x))
      .filter(Boolean)
      .concat([{ png: await later.screenshot(), x: NODES[1].x, y: NODES[1].y }]),
    SMOOTH,
  );
  assert.ok(drift.n > 1000, 'a part that is one frame late went unseen');
  saw('错一像素、晚一拍都看得出来 one pixel off and one frame late are both seen');
  for (const p of [...nodes, whole, later]) await p.context().close();
  await running(wall, play);
}

const CHANGES = 20,
  FRAME = 1000 / 60;
/** As modules/display/screens/README.md says. */
const LEAD = 250;
/** With running clocks: how far each page's clock is from the server's, and when each showed a change. */
async function running(wall, play) {
  const pages = [];
  for (const o of NODES) {
    const p = await page(o.w, o.h);
    await p.addInitScript(() => {
      window.shownAt = {};
      window.bound = window.longest = 0;
      /* The state lands within the frame that draws it: the clock is read when the attribute changes, not a frame later. */
      new MutationObserver(() => {
        const v = document.querySelector('[data-test=player]')?.dataset.version;
        if (v && !(v in window.shownAt) && window.shanshuiClock) window.shownAt[v] = window.shanshuiClock();
      }).observe(document, { subtree: true, childList: true, attributeFilter: ['data-version'] });
      let last = 0;
      const look = (t) => {
        window.bound = Math.max(
          window.bound,
          Number(document.querySelector('[data-test=player]')?.dataset.clockError ?? 0),
        );
        if (last) window.longest = Math.max(window.longest, t - last);
        last = t;
        requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    await go(p, `/play/${play}?wall=${wall}&node=${o.node}`);
    await p.locator('[data-test=pattern]').waitFor();
    pages.push(p);
  }
  const errors = [];
  for (const p of pages) {
    await until('a measured clock', () => at(p, '[data-test=player]', 'data-clock-error'));
    /* On one machine the server's clock is the page's wall clock: the error can be seen, and its bound must hold. */
    const [error, bound] = await until('a clock within the bound that it gives', async () => {
      const [e, b] = await p.evaluate(() => {
        let least = Infinity;
        for (let i = 0; i < 50; i++) {
          const a = Date.now(),
            c = window.shanshuiClock(),
            z = Date.now();
          if (a === z) least = Math.min(least, Math.abs(c - a));
        }
        return [least, Number(document.querySelector('[data-test=player]').dataset.clockError)];
      });
      return e <= b + 1.5 ? [e, b] : null;
    });
    errors.push([error, bound]);
  }
  saw('每个浏览器的钟与服务器之差都在它自己给出的界内 each clock is within the bound that it gives');
  const skews = [],
    gaps = [];
  for (let i = 0; i < CHANGES; i++) {
    const before = await one('play', play);
    await Promise.all(
      pages.map((p) =>
        p.evaluate(() => {
          window.longest = 0;
        }),
      ),
    );
    await change('play', play, { spot: { x: 100 + i * 150, y: 500 } });
    const v = String(before.version + 1);
    const due = Date.parse((await one('play', play)).changed) + LEAD;
    await until(
      `version ${v} in every browser`,
      () => Promise.all(pages.map((p) => p.evaluate((k) => k in window.shownAt, v))),
      (l) => l.every(Boolean),
    );
    const [shown, bounds, longest] = await Promise.all(
      ['shownAt', 'bound', 'longest'].map((what) =>
        Promise.all(
          pages.map((p) => p.evaluate(([w, k]) => (w === 'shownAt' ? window.shownAt[k] : window[w]), [what, v])),
        ),
      ),
    );
    for (const [k, t] of shown.entries())
      assert.ok(t >= due - bounds[k] - 3, `node ${k + 1} showed version ${v} ${(due - t).toFixed(1)} ms too early`);
    skews.push(Math.max(...shown) - Math.min(...shown));
    gaps.push(Math.max(...longest));
  }
  saw(
    `${CHANGES} 次变更，每块屏都在服务器定下的那一刻之后才显示，没有一块抢先 ${CHANGES} changes, none shown before its moment`,
  );
  const within = skews.filter((x) => x <= FRAME).length,
    half = [...skews].sort((a, b) => a - b)[CHANGES / 2];
  figure(
    `四个浏览器的钟差（毫秒）clock errors of four browsers, ms: ${errors.map((e) => e[0].toFixed(2)).join(' ')}；同一变更各屏之差 spread of a change over the screens, ms: ${skews.map((x) => x.toFixed(1)).join(' ')}`,
  );
  figure(
    `一帧之内 within a frame (16.7 ms): ${within} / ${CHANGES}，中位 median ${half.toFixed(1)} ms；其间浏览器自己最长的一帧 longest frame of a browser meanwhile, ms: ${gaps.map((x) => x.toFixed(0)).join(' ')}；负载 load ${loadavg()[0].toFixed(1)}`,
  );
  for (const p of pages) await p.context().close();
}

/* --- the server away and back --- */

/** A way to the server that can be cut: what was open breaks off, what comes new is refused. */
async function cable() {
  const to = new URL(opt.base),
    open = new Set();
  let on = true;
  const server = createServer((a) => {
    if (!on) {
      a.destroy();
      return;
    }
    const b = connect(Number(to.port), to.hostname);
    for (const s of [a, b]) {
      open.add(s);
      s.on('error', () => {});
      s.on('close', () => {
        open.delete(s);
        a.destroy();
        b.destroy();
      });
    }
    a.pipe(b);
    b.pipe(a);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    base: `http://127.0.0.1:${server.address().port}`,
    cut: () => {
      on = false;
      for (const s of open) s.destroy();
    },
    mend: () => {
      on = true;
    },
    close: () => {
      for (const s of open) s.destroy();
      server.close();
    },
  };
}

async function offline() {
  const brief = (
    await make('briefing', {
      title: `断网 ${Date.now()}`,
      scenes: [
        { title: '一', screen: 'test_pattern', data: 'live', minutes: 1 },
        { title: '二', screen: 'second_pattern', data: 'live', minutes: 1 },
      ],
    })
  ).id;
  const play = (await make('play', { title: '断网', briefing: brief, briefing_version: 1, mode: 'rehearse' })).id;
  const line = await cable();
  const p = await page(1280, 720, { base: line.base });
  await p.goto(`${line.base}/play/${play}`);
  await p.locator('[data-screen=test_pattern]').waitFor();
  await p.locator('[data-test=player][data-ready="2"][data-state=on]').waitFor(); /* all scenes are read ahead */
  line.cut();
  await p.locator('[data-test=away]').waitFor();
  await counts(p.locator('[data-screen=test_pattern]'), 1);
  await shot(p, 'screen-offline');
  saw('服务器断开：画面不动，写明停在何时 the server away: the picture stays, and says since when');
  await p.keyboard.press('ArrowRight');
  await p.locator('[data-screen=second_pattern]').waitFor();
  saw('断开时各屏自己的键盘照样翻页 with the server away the screen turns its pages by its own keys');
  line.mend();
  await p.locator('[data-test=player][data-state=on]').waitFor();
  await p.locator('[data-test=away]').waitFor({ state: 'detached' });
  await p.locator('[data-screen=test_pattern]').waitFor();
  await change('play', play, { scene: 1 });
  await p.locator('[data-screen=second_pattern]').waitFor();
  saw('回来之后与台上一致，继续同步 back again it is what the stage says, and follows on');
  await p.context().close();
  line.close();
}

/* --- P1.1.3 --- */
async function briefing() {
  const stamp = Date.now();
  const p = await page(1440, 900);
  await go(p, '/briefings');
  await p.locator('[data-test=new]').click();
  await p.locator('[data-test=title]').fill(`月度汇报 ${stamp}`);
  const sceneAt = (i) => p.locator(`[data-scene="${i}"]`);
  await sceneAt(0).locator('[data-test=scene-title]').fill('全市');
  await sceneAt(0).locator('[data-test=scene-screen]').selectOption('test_pattern');
  await sceneAt(0).locator('[data-test=scene-notes]').fill('各位领导，先看全市。');
  await p.locator('[data-test=add-scene]').click();
  await sceneAt(1).locator('[data-test=scene-title]').fill('昨日此时');
  await sceneAt(1).locator('[data-test=scene-screen]').selectOption('second_pattern');
  await sceneAt(1).locator('[data-test=scene-data]').selectOption('frozen');
  const yesterday = new Date(Date.now() + 8 * 3600_000 - 86_400_000).toISOString().slice(0, 16);
  await setWhen(sceneAt(1).locator('[data-test=scene-as-of]'), yesterday);
  await p.locator('[data-test=save]').click();
  await p.locator('[data-test=saved]').waitFor();
  await p.waitForURL((u) => /\/briefings\/(?!new$)[^/]+$/.test(u.pathname));
  const id = p.url().split('/').pop();
  const kept = await one('briefing', id);
  assert.equal(kept.fields.scenes.length, 2);
  assert.equal(kept.fields.scenes[1].as_of.slice(0, 16), yesterday);
  saw('方案在网页上编成，作为记录留存 a briefing composed on the page is kept as a record');
  await shot(p, 'briefing-edit');
  await until('an unrehearsed briefing cannot be started', () => p.locator('[data-test=start]').isDisabled());
  const refused = await call('POST', 'things/play', {
    fields: { title: 'x', briefing: id, briefing_version: kept.version, mode: 'live' },
  });
  assert.ok(refused.status >= 400, 'an unrehearsed briefing was played');
  saw('没有排练到底的不能正式放映，页面与服务器都这样说 what was not rehearsed is not played, by page and server');

  /* rehearse */
  await p.locator('[data-test=rehearse]').click();
  await p.locator('[data-test=stage] [data-screen=test_pattern]').waitFor();
  await reads(p.locator('[data-test=notes]'), /先看全市/);
  const rehearsal = p.url().split('/').pop();
  await p.locator('[data-test=next]').click();
  await p.locator('[data-test=stage][data-scene="1"] [data-screen=second_pattern]').waitFor();
  await p.locator('[data-test=mark]').click();
  await p.locator('[data-test=mark-text]').fill('这一页字太小');
  await p.locator('[data-test=mark-yes]').click();
  await p.locator('[data-test=modal]').waitFor({ state: 'detached' });
  await shot(p, 'stage-rehearse');
  await p.locator('[data-test=end]').click();
  await p.locator('[data-test=end-yes]').click();
  await p.locator('[data-test=ended]').waitFor();
  const r = (await one('play', rehearsal)).fields;
  assert.deepEqual([r.ended, r.remarks[0].text, r.remarks[0].scene], [true, '这一页字太小', 1]);
  assert.deepEqual(
    r.seconds.map((x) => x.scene),
    [0, 1],
  );
  saw('排练：各场景用时与记下的问题都在放映记录里 rehearsal: seconds of each scene and the problem noted are kept');

  /* play, with a screen that follows */
  await go(p, `/briefings/${id}`);
  await p.locator('[data-test=start]').click();
  await p.locator('[data-test=stage] [data-screen=test_pattern]').waitFor();
  const play = p.url().split('/').pop();
  /* The stage has what the server has, and no press of it is on its way: a key does not wait for that as a button does. */
  const calm = () =>
    until('the stage is at rest', async () => {
      const v = (await one('play', play)).version;
      return p.locator(`[data-test=stage][data-version="${v}"]:not([data-busy])`).count();
    });
  const follow = await page(1920, 540),
    phone = await page(390, 844, { isMobile: true, hasTouch: true });
  for (const f of [follow, phone]) {
    await go(f, `/play/${play}`);
    await f.locator('[data-screen=test_pattern]').waitFor();
  }
  await calm();
  await p.keyboard.press('ArrowRight');
  for (const f of [follow, phone]) await f.locator('[data-screen=second_pattern]').waitFor();
  await reads(follow.locator('[data-test=badge]'), /定格/);
  const asOf = await momentOf(follow, 'frozen yesterday', (v) => v.slice(0, 16) === yesterday);
  await momentOf(phone, 'the same on the phone', (v) => v === asOf);
  saw('翻到定格的场景：大屏与手机都停在同一刻 the frozen scene: wall and phone stand at one moment');
  const before = (await one('play', play)).fields;
  await calm();
  await p.locator('[data-test=live]').selectOption('test_pattern');
  await follow.locator('[data-screen=test_pattern]').waitFor();
  await momentOf(follow, 'live data behind the jump', (v) => v === '');
  await p.locator('[data-test=jumped]').waitFor();
  await shot(p, 'stage-live');
  saw('中途跳到实况：画面与数据都是现在的 jumped to live midway: picture and data are of now');
  await p.locator('[data-test=return]').click();
  await follow.locator('[data-screen=second_pattern]').waitFor();
  await momentOf(follow, 'the moment from before the jump', (v) => v === asOf);
  const after = (await one('play', play)).fields;
  assert.deepEqual([after.scene, after.data, after.as_of], [before.scene, before.data, before.as_of]);
  saw('返回方案，回到跳出的那一步、那一刻 return: the very step and moment that were left');
  await calm();
  await p.locator('[data-test=to-now]').click();
  await momentOf(follow, 'live data again', (v) => v === '');
  await calm();
  await p.locator('[data-test=freeze]').click();
  const frozen = await until(
    'frozen now',
    async () => (await one('play', play)).fields,
    (f) => f.data === 'frozen' && f.as_of !== before.as_of,
  );
  await momentOf(follow, 'the moment of the freeze', (v) => Date.parse(v) === Date.parse(frozen.as_of));
  saw('定格此刻 frozen as of the moment');
  await calm();
  await p.locator('[data-rewind="6"]').click();
  const replay = await until(
    'a replay',
    async () => (await one('play', play)).fields,
    (f) => f.data === 'replay',
  );
  const start = Date.parse(replay.as_of);
  assert.ok(Math.abs(Date.parse(replay.since) - start - 6 * 3600_000) < 2000, `${replay.since} is not six hours on`);
  /* However late the page comes to it, it stands behind the beginning of the replay and goes on. */
  const t1 = Date.parse(
    await momentOf(follow, 'the replay', (v) => Date.parse(v) >= start && Date.parse(v) !== Date.parse(frozen.as_of)),
  );
  await momentOf(follow, 'the replay going on', (v) => Date.parse(v) > t1);
  saw('回看六小时并播放，时刻在走 six hours back, playing');
  await calm();
  await p.locator('[data-test=blank]').click();
  await follow.locator('[data-screen]').first().waitFor({ state: 'detached' });
  await calm();
  await p.locator('[data-test=blank]').click();
  await follow.locator('[data-screen=second_pattern]').waitFor();
  /* Another hand: the press on what is old is refused, and the newest is read. */
  const stale = await call('PATCH', `things/play/${play}`, { fields: { scene: 0 }, version: 1 });
  assert.equal(stale.status, 409);
  /* The content stays as it was when the play began. */
  await change('briefing', id, { scenes: [{ title: '改过', screen: 'second_pattern', data: 'live', minutes: 1 }] });
  await calm();
  await p.locator('[data-go="0"]').click();
  await follow.locator('[data-screen=test_pattern]').waitFor();
  saw('放映中方案被改，放的仍是开始时那一版 a briefing changed meanwhile: the play keeps to its version');
  const log = (await ok('GET', `things/play/${play}/history`)).items;
  const reasons = log.map((x) => x.reason).join(' · ');
  for (const what of ['scene 2', 'live test_pattern', 'return', 'freeze', 'rewind 6 h', 'blank'])
    assert.ok(reasons.includes(what), `${what} is not in the log: ${reasons}`);
  saw(`每一步都在放映记录的历史里（${log.length} 版）every act is in the play's history`);
  for (const x of [follow, phone, p]) await x.context().close();
}

/* --- the designer --- */
async function design() {
  const code = `e2e_${Date.now()}`;
  const id = (
    await make('screen', {
      code,
      name: '设计试验',
      name_en: 'Design trial',
      width: 1920,
      height: 1080,
      theme: 'screen',
      panels: [{ id: 'a', kind: 'text', text: '甲', text_en: 'A', x: 100, y: 100, w: 400, h: 200, phone: 1 }],
    })
  ).id;
  const p = await page(1440, 900);
  await go(p, `/screens/${code}/design`);
  const grip = p.locator('[data-grip=a]');
  await grip.waitFor();
  /* Where it stands once the page has found its size. */
  let was = null;
  const b = await until('the panel stands still', async () => {
    const now = await grip.boundingBox();
    const still = JSON.stringify(now) === JSON.stringify(was);
    was = now;
    return still && now;
  });
  await p.mouse.move(b.x + 10, b.y + 10);
  await p.mouse.down();
  await p.mouse.move(b.x + 110, b.y + 10, { steps: 5 });
  await p.mouse.up();
  const left = () => p.locator('[data-test=panel-x]').inputValue();
  await until('moved, on the grid', left, (x) => Number(x) > 100 && Number(x) % 10 === 0);
  await p.locator('[data-test=undo]').click();
  await grip.click();
  await until('where it was before', left, (x) => x === '100');
  await p.locator('[data-test=add]').selectOption('clock');
  await p.locator('[data-test=panel-title]').fill('钟');
  await p.locator('[data-test=save]').click();
  await p.locator('[data-test=saved]').waitFor();
  const kept = await one('screen', id);
  assert.deepEqual([kept.version, kept.fields.panels.length, kept.fields.panels[1].kind], [2, 2, 'clock']);
  await shot(p, 'screen-design');
  const bad = await call('PATCH', `things/screen/${id}`, {
    fields: { panels: [{ id: 'a', kind: 'text', x: 1900, y: 0, w: 400, h: 10 }] },
    version: 2,
  });
  assert.ok(bad.status >= 400);
  saw(
    '拖动对齐网格、可撤销、存为新版本；超出画布的被拒 dragged on the grid, undone, saved as a version; off the canvas is refused',
  );
  await p.context().close();
}

/* --- P1.0 --- */
const figuresOf = (p) =>
  p.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll('[data-figure]')].map((e) => [e.dataset.figure, e.textContent.trim()]),
    ),
  );
const chartsOf = (p) =>
  p.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll('[data-chart] [data-test=chart-view]')]
        .filter((e) => e.dataset.rows !== '-1')
        .map((e) => [e.closest('[data-chart]').dataset.chart, e.dataset.asOf]),
    ),
  );
/** What the server itself says of that moment, worked out here. */
async function truth(at) {
  const sites = [];
  let cursor = null;
  do {
    const r = await ok(
      'GET',
      `sites?limit=1000${at ? `&at=${encodeURIComponent(at)}` : ''}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
    );
    sites.push(...r.items);
    cursor = r.next;
  } while (cursor);
  /* What stands in no district is other cities', kept for reference. */
  const city = sites.filter((s) => s.district);
  const air = city.map((s) => s.grade).filter((g) => g?.kind === 'aqi' && g.level > 0),
    water = city.map((s) => s.grade).filter((g) => g?.kind === 'water_class' && g.level > 0);
  const pc = (k, n) => {
    const v = n ? (k / n) * 100 : null;
    return v;
  };
  return {
    air: pc(air.filter((g) => g.level <= 2).length, air.length),
    water: pc(water.filter((g) => g.met === true).length, water.filter((g) => g.met !== null).length),
    online: city.filter((s) => s.kind.startsWith('source_') && s.state === 'online').length,
  };
}
/** Where the devices differ from one another, or from what the server says, in words. */
function differences({ wall, desk, phone }, t) {
  const out = [];
  for (const k of new Set([...Object.keys(wall), ...Object.keys(desk)]))
    if (wall[k] !== desk[k]) out.push(`${k}: wall ${wall[k]}, desk ${desk[k]}`);
  for (const [k, v] of Object.entries(phone)) if (v !== desk[k]) out.push(`${k}: phone ${v}, desk ${desk[k]}`);
  for (const [k, v] of [
    ['air-good', t.air],
    ['water-met', t.water],
  ])
    if (k in desk && v !== null && !(Math.abs(parseFloat(desk[k]) - v) < 0.06))
      out.push(`${k}: desk ${desk[k]}, the server ${v}`);
  if ('sources-online' in desk && desk['sources-online'].replace(/,/g, '') !== String(t.online))
    out.push(`sources-online: desk ${desk['sources-online']}, the server ${t.online}`);
  return out;
}
async function devices() {
  const asOf = `${new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 19)}+08:00`;
  let seen = 0;
  for (const code of ['city_overview', 'air', 'water']) {
    const play = (
      await make('play', { title: `三处看 ${code}`, screen: code, mode: 'live', data: 'frozen', as_of: asOf })
    ).id;
    const left = await page(1920, 1080),
      right = await page(1920, 1080),
      desk = await page(1440, 900),
      phone = await page(390, 844, { isMobile: true, hasTouch: true, deviceScaleFactor: 2 });
    await go(left, `/play/${play}?rect=0,0,1920,1080`);
    await go(right, `/play/${play}?rect=1920,0,1920,1080`);
    for (const p of [desk, phone]) await go(p, `/play/${play}`);
    const four = [left, right, desk, phone];
    /* What a device was late to send counts in its moment too: where one page read before it came and another behind it, all read once more. */
    const all = await until(
      `wall, desk and phone show the same figures of ${code}, and the server's`,
      async () => {
        const shown = await until(
          `figures of ${code} on three devices`,
          async () => {
            const [a, b, d, f] = await Promise.all(four.map(figuresOf));
            return { wall: { ...a, ...b }, desk: d, phone: f };
          },
          (x) =>
            Object.keys(x.desk).length && Object.keys(x.phone).length && Object.keys(x.desk).every((k) => k in x.wall),
        );
        const wrong = differences(shown, await truth(asOf));
        if (wrong.length) for (const p of four) await p.reload({ waitUntil: 'domcontentloaded' });
        return { ...shown, wrong };
      },
      (x) => !x.wrong.length,
    );
    /* Charts of the builder: read on every device, as of that moment. */
    const charts = await until(
      `charts of ${code} on three devices`,
      () => Promise.all(four.map(chartsOf)),
      ([a, b, d, f]) =>
        Object.keys(d).length > 0 &&
        JSON.stringify(Object.entries({ ...a, ...b }).sort()) === JSON.stringify(Object.entries(d).sort()) &&
        Object.entries(f).every(([k, v]) => d[k] === v) &&
        Object.keys(f).length === Object.keys(d).length,
    );
    for (const [chart, seen] of Object.entries(charts[2]))
      assert.equal(Date.parse(seen), Date.parse(asOf), `the moment of ${chart}`);
    await until(
      'one moment on all of them',
      () => Promise.all(four.map((p) => at(p, '[data-test=player]', 'data-as-of'))),
      (l) => new Set(l).size === 1,
    );
    seen += Object.keys(all.phone).length;
    await Promise.all([
      left.locator('[data-figure]').first().waitFor({ state: 'attached' }),
      right.locator('[data-district]').first().waitFor({ state: 'attached' }),
      desk.locator('[data-district]').first().waitFor(),
    ]);
    await shot(desk, `screen-${code}-desk`);
    await phone.screenshot({ path: `${out}screen-${code}-phone.png`, fullPage: true });
    writeFileSync(`${out}screen-${code}-left.png`, await left.screenshot());
    writeFileSync(`${out}screen-${code}-right.png`, await right.screenshot());
    saw(
      `${code}：大屏（两块）、电脑、手机的 ${Object.keys(all.phone).length} 个数相同，同一时刻，与服务器相符 wall, desk and phone show the same figures of one moment, and the server's`,
    );
    for (const p of four) await p.context().close();
  }
  assert.ok(seen >= 6, `only ${seen} figures were compared`);
  /* Live, by /show: the three come to the same numbers. */
  const three = [
    await page(1920, 540),
    await page(1280, 800, { lang: 'en' }),
    await page(390, 844, { isMobile: true, hasTouch: true }),
  ];
  for (const p of three) await go(p, '/show/city_overview');
  await until(
    'the same live numbers on three devices',
    () => Promise.all(three.map(figuresOf)),
    (f) => Object.keys(f[2]).length >= 4 && Object.keys(f[2]).every((k) => f[0][k] === f[2][k] && f[1][k] === f[2][k]),
  );
  await shot(three[1], 'screen-city_overview-en');
  saw('实时：三处的数走到一致 live: the three come to the same numbers');
  for (const p of three) await p.context().close();
}

/* --- forty widgets on one stream --- */
async function widgets() {
  const code = `forty_${Date.now()}`,
    kinds = ['air', 'water', 'sources', 'alarms'];
  const panels = Array.from({ length: 40 }, (_, i) => ({
    id: `w${i}`,
    kind: 'headline',
    title: `${i + 1}`,
    title_en: `${i + 1}`,
    chart: JSON.stringify({ of: kinds[i % 4] }),
    x: (i % 8) * 480,
    y: Math.floor(i / 8) * 216,
    w: 470,
    h: 210,
    z: 1,
    phone: i + 1,
  }));
  const id = (
    await make('screen', { code, name: '四十', name_en: 'Forty', width: 3840, height: 1080, theme: 'screen', panels })
  ).id;
  const times = [];
  for (let i = 0; i < 5; i++) {
    const p = await page(1920, 540);
    await p.addInitScript(() => {
      window.streams = 0;
      window.EventSource = class extends EventSource {
        constructor(...a) {
          super(...a);
          window.streams++;
        }
      };
      const look = () => {
        if (!window.fortyPanels && document.querySelectorAll('[data-panel] h2').length >= 40)
          window.fortyPanels = performance.now();
        if (!window.fortyFigures && document.querySelectorAll('[data-figure]').length >= 40)
          window.fortyFigures = performance.now();
        if (!window.fortyFigures) requestAnimationFrame(look);
      };
      requestAnimationFrame(look);
    });
    await go(p, `/show/${code}`);
    await p.waitForFunction(() => window.fortyFigures > 0);
    times.push(
      await p.evaluate(() => [
        performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
        window.fortyPanels,
        window.fortyFigures,
      ]),
    );
    await p.waitForFunction(() => window.streams > 0);
    const streams = await p.evaluate(() => window.streams);
    assert.equal(streams, 1, `${streams} streams for forty widgets`);
    if (i === 0) await shot(p, 'screen-forty');
    await p.context().close();
  }
  saw('四十个部件一条实时流 forty widgets, one stream');
  const mid = (k) => [...times.map((x) => x[k])].sort((a, b) => a - b)[2].toFixed(0);
  figure(
    `四十个部件（五次的中位，毫秒，新开的浏览器）forty widgets, median of five, ms, cold: 首次绘制 first paint ${mid(0)}，四十个面板 panels ${mid(1)}，四十个数 figures ${mid(2)}`,
  );
  /* What happens while the line is cut is not missed. */
  const line = await cable();
  const p = await page(1920, 540, { base: line.base });
  await p.goto(`${line.base}/show/${code}`);
  await p.waitForFunction(() => document.querySelectorAll('[data-figure]').length >= 40);
  line.cut();
  await p.locator('[data-test=away]').waitFor();
  await change('screen', id, { panels: panels.slice(0, 39) });
  line.mend();
  await p.waitForFunction(() => document.querySelectorAll('[data-panel]').length === 39);
  await p.locator('[data-test=away]').waitFor({ state: 'detached' });
  saw('断线之间的变更，重连后不缺 what changed while the line was cut is there after it');
  await p.context().close();
  line.close();
}

const parts = { sync, devices, widgets, offline, briefing, design };
const wanted = opt.only ? opt.only.split(',') : Object.keys(parts);
let failed = 0;
try {
  await seeded();
  for (const name of wanted) {
    const before = problems.length;
    try {
      await parts[name]();
      assert.deepEqual(problems.slice(before), []);
      console.log(`passed  ${name}`);
    } catch (e) {
      failed++;
      const more =
        problems.length > before
          ? `\n  problems: ${problems
              .slice(before, before + 3)
              .join(' | ')
              .slice(0, 600)}`
          : '';
      console.log((await failure(name, e, browser, `${out}failed-screens-${name}`)) + more);
      for (const c of browser.contexts()) await c.close();
    }
  }
} finally {
  await browser.close();
}
process.exit(failed ? 1 : 0);
