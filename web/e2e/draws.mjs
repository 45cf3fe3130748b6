// A citizen's browser checks a published draw: nobody signs in, the page reads the material and works everything out again.
//   node e2e/draws.mjs --base URL --draw CODE [--bad FILE=STEP ...] [--shots DIR]
// Every FILE is a material with something changed: the page must say that STEP does not hold. Exit 1 failed, 77 no browser.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { WAIT } from './house.mjs';
import { failure } from './tell.mjs';

const { values: opt } = parseArgs({
  options: {
    base: { type: 'string' },
    draw: { type: 'string' },
    bad: { type: 'string', multiple: true, default: [] },
    shots: { type: 'string' },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
  },
});
if (!existsSync(opt.chromium)) {
  console.log(`not run: no browser at ${opt.chromium}`);
  process.exit(77);
}
const browser = await chromium.launch({ executablePath: opt.chromium, args: ['--no-sandbox', '--disable-gpu'] });
let failed = '';
try {
  const page = await (await browser.newContext({ viewport: { width: 1200, height: 1000 }, locale: 'zh-CN' })).newPage();
  page.setDefaultTimeout(WAIT);
  const asked = [];
  page.on('request', (r) => {
    const u = new URL(r.url());
    if (u.pathname.startsWith('/api/')) asked.push(u.pathname);
  });
  await page.goto(`${opt.base}/portal/draws`);
  await page.click(`[data-draw="${opt.draw}"]`);
  const findings = page.locator('[data-test=findings]');
  await page.click('[data-test=check]');
  await findings.waitFor();
  assert.equal(await findings.getAttribute('data-holds'), 'true', await findings.innerText());
  assert.ok(
    asked.every((p) => p.startsWith('/api/v1/public/')),
    `only the public side is asked: ${asked}`,
  );
  if (opt.shots) await page.screenshot({ path: `${opt.shots}/draw.png` });
  for (const pair of opt.bad) {
    const [file, step] = pair.split('=');
    await page.setInputFiles('[data-test=file]', file);
    /* What is found comes as a whole. */
    await page.locator('[data-test=findings][data-holds=false]').waitFor();
    const steps = await findings.locator('li[data-ok=false]').evaluateAll((all) => all.map((x) => x.dataset.step));
    assert.deepEqual(steps, [step], `${file}: ${await findings.innerText()}`);
    if (opt.shots) await page.screenshot({ path: `${opt.shots}/draw-bad.png` });
    await page.goto(page.url());
    await page.locator('[data-test=check]').waitFor();
  }
  console.log(
    `成立 holds: 浏览器复算 ${opt.draw}，改动 ${opt.bad.length} 处都指出 the browser replays it, and finds ${opt.bad.length} changes`,
  );
} catch (e) {
  failed = await failure('draws', e, browser);
} finally {
  await browser.close();
}
if (failed) console.log(failed);
process.exit(failed ? 1 : 0);
