// Any figure tells what it is, from where, how fresh, whose, by which clause: the cards of the alarm desk, the grades of the event desk, a column of a
// generated list (beside its row's own click), a field of a record, the one the record is opened at. Whoever did it is told in the reader's words.
import assert from 'node:assert/strict';
import { until } from '../house.mjs';

const ROWS = ['what', 'from', 'fresh', 'whose', 'clause'];
async function told(page, figure) {
  await figure.click();
  const box = page.locator('[data-test=figure-why]');
  await box.waitFor();
  const said = await until(
    `${ROWS} are told`,
    () => Promise.all(ROWS.map((k) => box.locator(`[data-why=${k}]`).innerText())),
    (all) => all.every((z) => z.trim()),
  );
  await page.keyboard.press('Escape');
  await box.waitFor({ state: 'detached' });
  return Object.fromEntries(ROWS.map((k, i) => [k, said[i]]));
}

export async function explainJourney({ base, open, shot, api, NotRun }) {
  const { items } = await api('things/river_reach?limit=1').catch(() => ({ items: [] }));
  if (!items.length) throw new NotRun('no river reach is kept');
  const { page, close } = await open();
  /* By key, on a measured value: down to where it came from, in the unit of its site (HJ 212 prints nanograms for PM2.5). */
  await page.goto(`${base}/sites?kind=air`);
  const measured = page.locator('td.vals [data-test=figure]').first();
  await measured.hover();
  await page.keyboard.press('e');
  await page.locator('[data-test=figure-tree]').click();
  const tree = await until(
    'the way down is told',
    () => page.locator('dialog[open]').innerText(),
    (text) => /标记 \S/.test(text),
  );
  assert.doesNotMatch(tree, /ng\/m3/);
  assert.match(tree, /[uμ]g\/m3/);
  await page.keyboard.press('Escape');
  await page.goto(`${base}/alarms`);
  const card = await told(page, page.locator('[data-count="1"]'));
  assert.match(card.what, /紧急/);
  await page.locator('[data-level="1"][aria-pressed=true]').waitFor(); /* asking does not filter */
  await page.goto(`${base}/desk`);
  assert.match((await told(page, page.locator('[data-count="2"]'))).what, /重要/);
  await page.goto(`${base}/r/river_reach`);
  await page.locator('tbody tr td.num [data-test=figure]').first().click();
  await page.locator('[data-test=figure-why]').waitFor();
  assert.equal(new URL(page.url()).pathname, '/r/river_reach', 'the row stays closed');
  await shot(page, 'explain-column');
  await page.keyboard.press('Escape');
  assert.match((await told(page, page.locator('[data-test=total] [data-test=figure]'))).what, /河段/);
  await page.goto(`${base}/r/river_reach/${items[0].id}`);
  const field = await told(page, page.locator('[data-value=speed_low] [data-test=figure]'));
  assert.match(field.what, /流速下限 · m\/s/);
  if (items[0].changed_by === 'local') assert.match(field.whose, /^本机/, 'this machine in the reader’s words');
  await close();
}
