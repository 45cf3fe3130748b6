// One enterprise on one page: every part is read and shows what the interface says of it.
//   node e2e/enterprise.mjs --base URL --id DISCHARGER --mn MN [--shots DIR]
// Exit 1 failed, 77 no browser. Waits are by condition; E2E_WAIT is their limit.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

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
const WAIT = Number(process.env.E2E_WAIT ?? 180_000);
const browser = await chromium.launch({ executablePath: opt.chromium, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 1000 }, locale: 'zh-CN' })).newPage();
  page.setDefaultTimeout(WAIT);
  await page.goto(`${opt.base}/r/discharger/${opt.id}?tab=file`);
  await page.locator('[data-test=file][data-ready="1"]').waitFor();
  const part = (id) => page.locator(`[data-part=${id}]`);
  assert.deepEqual(
    await page
      .locator('[data-part]')
      .evaluateAll((all) => all.filter((x) => x.dataset.state !== 'there').map((x) => x.dataset.part)),
    [],
    'every part is there',
  );
  await part('live').locator(`[data-device="${opt.mn}"]`).waitFor();
  await part('live').locator('[data-reading=w01018]').first().waitFor();
  for (const id of ['permits', 'rules', 'mass', 'outlets', 'plans', 'results'])
    assert.ok((await part(id).locator('tbody tr').count()) > 0, `${id} has rows`);
  assert.equal(await part('outlets').locator('tbody tr').count(), 4);
  if (opt.shots) await page.screenshot({ path: `${opt.shots}/enterprise.png` });
  console.log('成立 holds: 一企一档页各段齐全 every part of the page is there');
} finally {
  await browser.close();
}
