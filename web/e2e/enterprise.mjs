// One enterprise on one page: every part is read and shows what the interface says of it.
//   node e2e/enterprise.mjs --base URL --id DISCHARGER --mn MN [--shots DIR]
// Exit 1 failed, 77 no browser. Waits are by condition; E2E_WAIT is their limit.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { counts, until, WAIT } from './house.mjs';
import { failure } from './tell.mjs';

const { values: opt } = parseArgs({
  options: {
    base: { type: 'string' },
    id: { type: 'string' },
    mn: { type: 'string' },
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
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 1000 }, locale: 'zh-CN' })).newPage();
  page.setDefaultTimeout(WAIT);
  await page.goto(`${opt.base}/r/discharger/${opt.id}?tab=file`);
  await page.locator('[data-test=file][data-ready="1"]').waitFor();
  const part = (id) => page.locator(`[data-part=${id}]`);
  /* The first reading, and each that the live stream asks for, comes part by part. */
  await until(
    'every part is there',
    () => page.locator('[data-part]').evaluateAll((all) => all.map((x) => `${x.dataset.part} ${x.dataset.state}`)),
    (all) => all.length > 0 && all.every((x) => x.endsWith(' there')),
  );
  await part('live').locator(`[data-device="${opt.mn}"]`).waitFor();
  await part('live').locator('[data-reading=w01018]').first().waitFor();
  for (const id of ['permits', 'rules', 'mass', 'outlets', 'plans', 'results'])
    await part(id).locator('tbody tr').first().waitFor();
  await counts(part('outlets').locator('tbody tr'), 4, 'outlets');
  if (opt.shots) await page.screenshot({ path: `${opt.shots}/enterprise.png` });
  console.log('成立 holds: 一企一档页各段齐全 every part of the page is there');
} catch (e) {
  failed = await failure('enterprise', e, browser);
} finally {
  await browser.close();
}
if (failed) console.log(failed);
process.exit(failed ? 1 : 0);
