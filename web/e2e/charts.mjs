// The chart builder in a real browser, against a running city: every kind is built by drag and drop, what is drawn is compared with the
// interface, styles are switched, a chart is kept, saved as picture and as file, and its live value changes with a frame.
//   node e2e/charts.mjs --base URL [--chromium PATH] [--shots DIR] [--only build,styles,live,pages]  prints one JSON object; exit 1: something failed, 77: not run
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { reads, until, WAIT } from './house.mjs';
import { failure } from './tell.mjs';

const { values: opt } = parseArgs({
  options: {
    base: { type: 'string' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
    shots: { type: 'string', default: fileURLToPath(new URL('./out/', import.meta.url)) },
    only: { type: 'string', default: 'build,styles,pages' },
    set: { type: 'string' },
  },
});
if (!opt.base || !existsSync(opt.chromium)) {
  console.log('not run: --base and Chromium are needed');
  process.exit(77);
}
const wanted = opt.only.split(',');
mkdirSync(opt.shots, { recursive: true });
const problems = [];
const browser = await chromium.launch({
  executablePath: opt.chromium,
  args: ['--no-sandbox', '--disable-gpu', '--enable-unsafe-swiftshader'],
});
async function open({ width = 1440, height = 900, theme = 'light', lang = 'zh', phone = false } = {}) {
  const context = await browser.newContext({
    viewport: { width, height },
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    acceptDownloads: true,
    ...(phone ? { hasTouch: true, isMobile: true } : {}),
  });
  await context.addInitScript(
    ([t, l]) => {
      localStorage.setItem('shanshui.theme', t);
      localStorage.setItem('shanshui.lang', l);
      addEventListener('securitypolicyviolation', (e) => console.error(`CSP ${e.violatedDirective} ${e.blockedURI}`));
    },
    [theme, lang],
  );
  const page = await context.newPage();
  page.setDefaultTimeout(WAIT);
  page.on('console', (m) => {
    if (m.type() === 'error' && !/GPU stall|swiftshader|software WebGL|GroupMarkerNotSet/i.test(m.text()))
      problems.push(`console: ${m.text()} (${page.url()})`);
  });
  page.on('pageerror', (e) => problems.push(`page error: ${e.message} (${page.url()})`));
  page.on('request', (r) => {
    if (!r.url().startsWith(opt.base) && !/^(blob|data):/.test(r.url()))
      problems.push(`request off the host: ${r.url()}`);
  });
  return page;
}
const shot = (page, name) => page.screenshot({ path: `${opt.shots}/charts-${name}.png` });
const api = async (path, init) => {
  /* Each on a connection of its own: one that lay idle may be closed by the server just now. */
  const r = await fetch(`${opt.base}/api/v1/${path}`, { headers: { connection: 'close' }, ...init });
  assert.ok(r.ok, `${path}: ${r.status} ${await r.clone().text()}`);
  return r.json();
};
const drag = (page, field, channel) =>
  page.locator(`[data-field="${field}"]`).dragTo(page.locator(`[data-channel="${channel}"]`));
const bound = (page, channel, field) => page.locator(`[data-channel="${channel}"] [data-bound="${field}"]`).waitFor();
const drawn = async (page, kind) => {
  const view = page.locator(`[data-test=chart-view][data-kind="${kind}"]`);
  await view.waitFor();
  await page.waitForFunction((k) => {
    const e = document.querySelector(`[data-test=chart-view][data-kind="${k}"]`);
    return (
      e && (e.querySelector('canvas') ? Number(e.dataset.drawn) > 0 : e.querySelector('table, .one, .rank, .words'))
    );
  }, kind);
  await page.locator('[data-test=chart-refused]').waitFor({ state: 'detached' });
  return view;
};
/* What is really on the canvas: points that are not the ground. */
const ink = (page) =>
  page.evaluate(() => {
    const c = document.querySelector('[data-test=chart-view] canvas');
    const p = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
    let n = 0;
    for (let i = 3; i < p.length; i += 4) if (p[i] > 40) n++;
    return n;
  });

const TEMPLATES = ['deep-blue', 'ink', 'red-alert', 'print', 'high-contrast', 'light-office'];
/** Kind, set, [column, channel] as they are dragged. */
const BUILDS = [
  [
    'bar',
    'dischargers_district',
    [
      ['admin_area', 'x'],
      ['n', 'y'],
      ['manage_class', 'colour'],
    ],
  ],
  [
    'pie',
    'dischargers_credit',
    [
      ['credit', 'name'],
      ['n', 'value'],
    ],
  ],
  [
    'ring',
    'dischargers_credit',
    [
      ['credit', 'name'],
      ['n', 'value'],
    ],
  ],
  [
    'scatter',
    'air_pairs',
    [
      ['a34004', 'x'],
      ['a34002', 'y'],
      ['site_name', 'colour'],
    ],
  ],
  [
    'line',
    'air_hours',
    [
      ['time', 'x'],
      ['value', 'y'],
      ['site_name', 'colour'],
    ],
  ],
  [
    'radar',
    'air_now',
    [
      ['site_name', 'name'],
      ['a34004', 'value'],
      ['a34002', 'value'],
      ['a05024', 'value'],
      ['a21004', 'value'],
    ],
    { a34004: 300, a34002: 300, a05024: 300, a21004: 300 },
  ],
  [
    'heat',
    'air_hours',
    [
      ['hour', 'x'],
      ['site_name', 'y'],
      ['value', 'value'],
    ],
  ],
  [
    'gauge',
    'source_cod',
    [
      ['value', 'value'],
      ['site_name', 'name'],
    ],
    { max: 200 },
  ],
  [
    'map',
    'source_cod',
    [
      ['lon', 'lon'],
      ['lat', 'lat'],
      ['value', 'value'],
      ['site_name', 'name'],
    ],
  ],
  [
    'sankey',
    'dischargers_flow',
    [
      ['manage_class', 'from'],
      ['credit', 'to'],
      ['n', 'value'],
    ],
  ],
  [
    'graph',
    'dischargers_flow',
    [
      ['manage_class', 'from'],
      ['credit', 'to'],
      ['n', 'value'],
    ],
  ],
  [
    'calendar',
    'air_hours',
    [
      ['time', 'time'],
      ['value', 'value'],
    ],
  ],
  [
    'box',
    'air_hours',
    [
      ['site_name', 'name'],
      ['value', 'value'],
    ],
  ],
  [
    'funnel',
    'dischargers_credit',
    [
      ['credit', 'name'],
      ['n', 'value'],
    ],
  ],
  [
    'treemap',
    'dischargers_district',
    [
      ['manage_class', 'name'],
      ['n', 'value'],
      ['admin_area', 'parent'],
    ],
  ],
  [
    'rose',
    'wind_pm25',
    [
      ['a01008', 'direction'],
      ['a34004', 'value'],
    ],
  ],
  [
    'wind',
    'wind_pm25',
    [
      ['a01008', 'direction'],
      ['a01007', 'speed'],
    ],
  ],
  [
    'table',
    'source_cod_district',
    [
      ['district', 'columns'],
      ['mean1', 'columns'],
      ['outlets', 'columns'],
    ],
  ],
  [
    'number',
    'source_cod',
    [
      ['value', 'value'],
      ['site_name', 'name'],
    ],
  ],
  [
    'rank',
    'source_cod_district',
    [
      ['district', 'name'],
      ['mean1', 'value'],
    ],
  ],
  [
    'words',
    'dischargers_credit',
    [
      ['credit', 'name'],
      ['n', 'value'],
    ],
  ],
];

/** Values that the chart's own table shows are those of the interface. */
async function sameNumbers(page, set, field) {
  await page.locator('[data-test=chart-table]').click();
  /* Records may come meanwhile: page and interface are asked until both have seen them. */
  await until(
    `${set}: numbers in the table are the interface's`,
    async () => {
      const r = await api(`datasets/${set}/rows`);
      const i = r.fields.findIndex((f) => f.name === field);
      const cells = (await page.locator('[data-test=chart-rows] tbody tr').allInnerTexts()).map((z) => z.split('\t'));
      return [cells.map((c) => Number(c[i]?.replace(/,/g, ''))), r.rows.slice(0, 200).map((row) => row[i])];
    },
    ([shown, told]) => shown.length > 0 && isDeepStrictEqual(shown, told),
  );
  await page.locator('[data-test=chart-table]').click();
}

async function build() {
  const page = await open();
  const seen = {};
  for (const [kind, set, binds, ends] of BUILDS) {
    await page.goto(`${opt.base}/charts/build`);
    await page.locator('[data-test=set] option').nth(1).waitFor({ state: 'attached' });
    await page.locator('[data-test=set]').selectOption(set);
    await page.locator(`[data-field="${binds[0][0]}"]`).waitFor();
    await page.locator(`[data-pick-kind="${kind}"]`).click();
    for (const [field, channel] of binds) {
      await drag(page, field, channel);
      await bound(page, channel, field);
    }
    /* Where an axis ends is declared: until then the chart says so. */
    if (ends) await reads(page.locator('[data-test=chart-refused]'), /上限须写定/);
    for (const [name, end] of Object.entries(ends ?? {})) {
      const input = page.locator(name === 'max' ? '[data-test=max]' : `[data-end="${name}"]`);
      await input.fill(String(end));
      await input.press('Enter');
    }
    await drawn(page, kind);
    const canvas = (await page.locator('[data-test=chart-view] canvas').count()) > 0;
    if (canvas)
      seen[kind] = await until(
        `${kind} draws more than 500 points`,
        () => ink(page),
        (n) => n > 500,
      );
    else seen[kind] = 'element';
    await shot(page, kind);
    /* These sets stand still, so that the two can be compared. */
    if (['bar', 'pie', 'sankey', 'treemap'].includes(kind)) await sameNumbers(page, set, 'n');
    if (kind === 'words')
      await until(
        'the words are those of the interface',
        async () => {
          const r = await api(`datasets/${set}/rows`);
          const i = r.fields.findIndex((f) => f.name === 'credit');
          return [
            (await page.locator('.words span').allInnerTexts()).sort(),
            r.rows.map((row) => r.fields[i].labels[row[i]]?.zh ?? row[i] ?? '—').sort(),
          ];
        },
        ([shown, told]) => isDeepStrictEqual(shown, told),
      );
    /* Every style, and what is bound stays. */
    const model = await page.locator('[data-test=builder]').getAttribute('data-model');
    for (const id of TEMPLATES) {
      await page.locator(`[data-pick-template="${id}"]`).click();
      await page.locator(`[data-test=chart-view][data-template="${id}"]`).waitFor();
      assert.equal(
        await page.locator('[data-test=builder]').getAttribute('data-model'),
        model,
        `${kind} in the style ${id} is what it was`,
      );
    }
    await drawn(page, kind);
  }
  return { kinds: Object.keys(seen).length, ink: seen };
}

async function styles() {
  const page = await open();
  /* Another kind keeps what fits; a style keeps everything. */
  await page.goto(`${opt.base}/charts/build`);
  await page.locator('[data-test=set] option').nth(1).waitFor({ state: 'attached' });
  await page.locator('[data-test=set]').selectOption('dischargers_credit');
  await drag(page, 'credit', 'x');
  await drag(page, 'n', 'y');
  await drawn(page, 'bar');
  await page.locator('[data-pick-kind=ring]').click();
  await bound(page, 'name', 'credit');
  await bound(page, 'value', 'n');
  await page.locator('[data-pick-kind=bar]').click();
  await bound(page, 'x', 'credit');
  const model = await page.locator('[data-test=builder]').getAttribute('data-model');
  const looks = {};
  for (const id of await page
    .locator('[data-pick-template]')
    .evaluateAll((l) => l.map((e) => e.dataset.pickTemplate))) {
    await page.locator(`[data-pick-template="${id}"]`).click();
    await page.locator(`[data-test=chart-view][data-template="${id}"]`).waitFor();
    await drawn(page, 'bar');
    assert.equal(
      await page.locator('[data-test=builder]').getAttribute('data-model'),
      model,
      `the style ${id} leaves the chart as it was`,
    );
    looks[id] = await page.locator('[data-test=chart-view]').evaluate((e) => getComputedStyle(e).backgroundColor);
    await shot(page, `style-${id}`);
  }
  assert.ok(new Set(Object.values(looks)).size >= 5, 'the styles differ');
  /* A column that does not fit is refused with the reason, and undo takes a step back. */
  await drag(page, 'credit', 'y');
  await page.locator('[data-test=said]').waitFor();
  assert.equal(await page.locator('[data-test=builder]').getAttribute('data-model'), model);
  /* Kept, read back by the interface, saved as picture and as file. */
  const code = `e2e_${Date.now().toString(36)}`;
  await page.locator('[data-test=save]').click();
  await page.locator('form [name=name]').fill('信用（验收）');
  await page.locator('form [name=code]').fill(code);
  await page.locator('[data-test=save-go]').click();
  await page.waitForURL(new RegExp(`/charts/build/${code}`));
  const kept = await api(`charts/${code}`);
  assert.deepEqual(kept.spec.bind, JSON.parse(model).bind);
  await page.goto(`${opt.base}/charts/gallery/${code}`);
  await drawn(page, 'bar');
  await page.locator('[data-test=chart-why]').click();
  await reads(page.locator('[data-test=chart-explain]'), /排污单位[\s\S]*分组/);
  const [png] = await Promise.all([page.waitForEvent('download'), page.locator('[data-test=chart-png]').click()]);
  const picture = readFileSync(await png.path());
  assert.equal(picture.subarray(1, 4).toString('latin1'), 'PNG');
  assert.ok(picture.length > 10_000, 'the picture has a chart in it');
  await until(
    'the file has the rows of the set',
    async () => {
      const [csv] = await Promise.all([page.waitForEvent('download'), page.locator('[data-test=chart-csv]').click()]);
      const lines = readFileSync(await csv.path(), 'utf8')
        .trim()
        .split('\r\n');
      return [lines.length - 1, (await api('datasets/dischargers_credit/rows')).rows.length];
    },
    ([kept, told]) => kept === told,
  );
  const own = (
    await api(`things/chart?filter=${encodeURIComponent(JSON.stringify({ field: 'code', op: '=', value: code }))}`)
  ).items[0];
  await fetch(`${opt.base}/api/v1/things/chart/${own.id}?version=${own.version}&reason=e2e`, {
    method: 'DELETE',
    headers: { connection: 'close' },
  });
  return { styles: Object.keys(looks).length };
}

/** The chart of a set (--set) on the page shows another number when told to: the caller sends the frame after "ready". */
async function live() {
  const page = await open();
  await page.goto(`${opt.base}/charts/build?set=${opt.set}`);
  await page.locator('[data-field=value]').waitFor();
  await page.locator('[data-pick-kind=number]').click();
  if (!(await page.locator('[data-channel=value] [data-bound=value]').count())) await drag(page, 'value', 'value');
  await bound(page, 'value', 'value');
  const number = page.locator('[data-test=chart-number] b');
  const before = await reads(number, /\d/);
  console.error(`ready ${before}`);
  const after = await until(
    `another number than ${before}`,
    () => number.innerText(),
    (z) => /\d/.test(z) && z !== before,
  );
  return { before, after, at: Date.now() };
}

async function pages() {
  let n = 0;
  for (const [name, o] of [
    ['light-zh', {}],
    ['dark-en', { theme: 'dark', lang: 'en' }],
    ['phone', { width: 390, height: 844, phone: true }],
  ]) {
    const page = await open(o);
    for (const [part, path] of [
      ['gallery', 'charts/gallery'],
      ['build', 'charts/build?set=source_cod_district'],
      ['sets', 'charts/sets/air_now'],
      ['analysis', 'charts/analysis'],
    ]) {
      await page.goto(`${opt.base}/${path}`);
      await page
        .locator(
          part === 'gallery'
            ? '[data-chart]'
            : part === 'sets'
              ? '[data-test=set-form]'
              : '[data-test=chart-view][data-drawn]',
        )
        .first()
        .waitFor();
      if (part !== 'sets')
        await page.waitForFunction(() =>
          [...document.querySelectorAll('[data-test=chart-view]')].every((e) => e.dataset.rows !== '-1'),
        );
      await until(`${part} ${name} is no wider than the window`, () =>
        page.evaluate(() => document.documentElement.scrollWidth <= innerWidth + 1),
      );
      await shot(page, `${part}-${name}`);
      n++;
    }
    await page.context().close();
  }
  /* Every way of looking at curves. */
  const page = await open();
  for (const v of ['line', 'compare', 'hours', 'week', 'box', 'calendar', 'rose', 'corr']) {
    await page.goto(`${opt.base}/charts/analysis?view=${v}&factor=a34004&kind=air&window=w7d`);
    await page.waitForFunction(() => {
      const l = [...document.querySelectorAll('[data-test=chart-view]')];
      return l.length && l.every((e) => Number(e.dataset.drawn) > 0 || e.querySelector('[data-test=chart-refused]'));
    });
    await shot(page, `analysis-${v}`);
    n++;
  }
  /* A set that is written wrong is told field by field. */
  await page.goto(`${opt.base}/charts/sets/air_now`);
  await page.locator('[data-tab=json]').click();
  await page
    .locator('[name=spec]')
    .fill('{"source":{"kind":"latest"},"steps":[{"do":"group","by":["nix"],"measures":[{"as":"n","fn":"count"}]}]}');
  await page.locator('[data-test=check]').click();
  await reads(page.locator('[data-test=problems]'), /steps\.0\.by\.0/);
  return { pages: n };
}

const out = {};
let code = 0;
try {
  for (const [name, run] of Object.entries({ build, styles, live, pages }))
    if (wanted.includes(name)) out[name] = await run();
  assert.deepEqual(problems, []);
} catch (e) {
  code = 1;
  console.log(await failure('charts', e, browser, `${opt.shots}/charts-failed`));
}
await browser.close();
if (!code) console.log(JSON.stringify(out));
process.exit(code);
