// Pages generated from declarations of records: import, list, map, record, history, duplicates, export, who may see.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { allRead, counts, reads, shot, until } from '../house.mjs';
import { people, registry, table } from './people.mjs';

const rowsOf = (page) => page.locator('tr[data-id]');
/** The total, once it is there and is what it must be. */
const total = (page, right = (n) => n > 0) =>
  until(
    `the total is ${right}`,
    async () => Number((await page.locator('[data-test=total]').innerText()).replace(/,/g, '') || NaN),
    right,
  );

/** A table with a bad row: tried, told by row, brought in without it. */
async function importing(h) {
  await people(h);
  const page = await h.as('wang');
  await page.goto(`${h.base}/r/discharger`);
  await page.locator('[data-test=blank]').waitFor();
  await shot(page, 'records-empty');
  await page.locator('[data-test=import]').click();
  const lines = table(h, 'sources/registry', 'discharger').trim().split(/\r?\n/).slice(0, 121);
  const bad = lines[1].split(',');
  bad[1] = '';
  const file = [lines[0], bad.join(','), ...lines.slice(2)].join('\n');
  await page
    .locator('[data-test=import-file]')
    .setInputFiles({ name: '名录.csv', mimeType: 'text/csv', buffer: Buffer.from(file) });
  await page.locator('[data-test=import-try]').click();
  const report = page.locator('[data-test=import-report]');
  await reads(report, /试导入[\s\S]*新建 119，更新 0，未变 0，退回 1/);
  await reads(page.locator('dialog table'), /2\s*单位名称/, 'the refused row, named with its field,');
  await shot(page, 'records-import');
  await page.locator('[data-test=import-go]').click();
  await report.filter({ hasText: '已导入' }).waitFor();
  await page.keyboard.press('Escape');
  await rowsOf(page).first().waitFor();
  await total(page, (n) => n === 119);
  h.seeded = true;
}

async function listing(h) {
  await registry(h);
  const page = await h.as('wang');
  await page.goto(`${h.base}/r/discharger`);
  await rowsOf(page).nth(39).waitFor();
  const all = await total(page);
  await page.locator('[data-test=more]').click();
  await rowsOf(page).nth(79).waitFor();
  /* Chinese search: a part of a name finds it. */
  const name = await rowsOf(page).nth(5).locator('td.main').innerText();
  await page.locator('[data-test=find]').fill(name.slice(2, 6));
  await page.waitForURL(/q=/);
  await total(page, (n) => n > 0 && n < all);
  await until(
    `each row has ${name.slice(2, 6)}`,
    () => rowsOf(page).locator('td.main').allInnerTexts(),
    (l) => l.length > 0 && l.every((t) => t.includes(name.slice(2, 6))),
  );
  await page.locator('[data-test=find]').fill('');
  await total(page, (n) => n === all);
  /* A condition as a chip, in the address, and away again. */
  await page.locator('[data-test=add-condition]').click();
  await page.locator('[data-test=condition-field]').selectOption('manage_class');
  await page.locator('.pop label', { hasText: '重点管理' }).locator('input').check();
  await shot(page, 'records-filter');
  await page.locator('[data-test=apply]').click();
  await page.locator('[data-test=chip]', { hasText: '重点管理' }).waitFor();
  const key = await total(page, (n) => n > 0 && n < all);
  await allRead(rowsOf(page), /重点管理/);
  await page.reload();
  await page.locator('[data-test=chip]').waitFor();
  await total(page, (n) => n === key); /* the address keeps the filter */
  /* Order and columns. */
  const head = page.locator('th button', { hasText: '名称' }).first();
  await head.click();
  await page.waitForURL(/sort=name/);
  await rowsOf(page).nth(1).waitFor();
  await page.locator('[data-test=columns]').click();
  await page.locator('.menu label', { hasText: '环评批复' }).locator('input').check();
  await page.locator('th', { hasText: '环评批复' }).waitFor();
  await page.keyboard.press('Escape');
  await shot(page, 'records-list');
  /* What is exported is what is filtered; only who may export has the button. */
  assert.equal(await page.locator('[data-test=export]').count(), 0);
  const steward = await h.as('data');
  await steward.goto(page.url());
  await steward.locator('[data-test=export]').click();
  const [csv] = await Promise.all([steward.waitForEvent('download'), steward.locator('[data-format=csv]').click()]);
  const text = readFileSync(await csv.path(), 'utf8')
    .trim()
    .split('\n');
  assert.equal(text.length - 1, key, 'the export has the rows of the filter');
  assert.doesNotMatch(text.join(), /186620\d{5}/, 'personal numbers are masked in the export');
  await steward.locator('[data-test=export]').click();
  const [xlsx] = await Promise.all([steward.waitForEvent('download'), steward.locator('[data-format=xlsx]').click()]);
  assert.equal(
    readFileSync(await xlsx.path())
      .subarray(0, 2)
      .toString(),
    'PK',
  );
}

async function onMap(h) {
  await registry(h);
  const page = await h.as('wang');
  await page.goto(`${h.base}/r/discharger`);
  await page.locator('[data-test=layout-map]').click();
  await page.waitForSelector('[data-test=record-map][data-ready]:not([data-ready="0"])');
  await page.locator('[data-test=by-map]').check();
  await page.waitForURL(/by=map/);
  await total(page);
  await shot(page, 'records-map');
}

async function record(h) {
  await registry(h);
  const page = await h.as('wang');
  await page.goto(`${h.base}/r/legal_person`);
  await page.locator('[data-test=create]').click();
  await page.locator('[data-test=save]').click();
  await page.locator('[data-field=name] .why').waitFor();
  const F = (n) => page.locator(`[data-field="${n}"]`);
  await F('name').locator('input').fill('金陵新材料有限公司');
  await F('kind')
    .locator('select, button')
    .first()
    .evaluate((e) => {
      if (e.tagName === 'SELECT') {
        e.selectedIndex = 1;
        e.dispatchEvent(new Event('change', { bubbles: true }));
      } else e.click();
    });
  await F('status')
    .locator('select, button')
    .first()
    .evaluate((e) => {
      if (e.tagName === 'SELECT') {
        e.selectedIndex = 1;
        e.dispatchEvent(new Event('change', { bubbles: true }));
      } else e.click();
    });
  await F('admin_area').locator('select').selectOption('320115');
  await F('legal_rep').locator('input').fill('顾长明');
  await F('phone').locator('input').fill('13905551234');
  await F('credit_code').locator('input').fill('91320100MA1XXXXX00');
  await page.locator('[data-test=save]').click();
  await reads(F('credit_code').locator('.why'), /./, 'the field that the server says is wrong');
  await shot(page, 'records-create');
  await F('credit_code').locator('input').fill('91320100MA0000001B');
  await page.locator('[data-test=save]').click();
  await page.locator('[data-test=record-title]', { hasText: '金陵新材料' }).waitFor();
  const id = page.url().split('/').pop().split('?')[0];
  const person = page.locator('[data-value=legal_rep]');
  await reads(person, /顾\*/, 'the name (masked)');
  assert.equal(await person.locator('[data-test=unmask]').count(), 0, 'the window does not see names in clear');
  const officer = await h.as('sun');
  await officer.goto(`${h.base}/r/legal_person/${id}`);
  await officer.locator('[data-value=legal_rep] [data-test=unmask]').click();
  await officer.locator('[data-test=sure]').click();
  await officer.locator('dialog [role=alert]').waitFor(); /* not without a purpose */
  await officer.locator('[name=purpose]').fill('核对年报');
  await officer.locator('[data-test=sure]').click();
  await officer.locator('[data-value=legal_rep]').filter({ hasText: '顾长明' }).waitFor();
  /* A change makes a version; the old one can be looked at. */
  await page.locator('[data-test=edit]').click();
  await F('address').locator('input').fill('江宁区秣陵街道 8 号');
  await page.locator('[name=reason]').fill('迁址');
  await page.locator('[data-test=save]').click();
  await reads(page.locator('[data-test=said]'), /第 2 版/);
  await page.locator('[data-tab=history]').click();
  await page.locator('[data-version="1"]').waitFor();
  await reads(page.locator('[data-version="2"]'), /王窗口[\s\S]*迁址[\s\S]*江宁区秣陵街道 8 号/);
  await shot(page, 'records-history');
  const other = await h.as('wang');
  await other.goto(`${h.base}/r/legal_person/${id}`);
  await other.locator('[data-test=edit]').click();
  await other.locator('[data-field=address] input').waitFor();
  await page.locator('[data-tab=base]').click();
  await page.locator('[data-test=edit]').click();
  await F('address').locator('input').fill('江宁区秣陵街道 9 号');
  await page.locator('[data-test=save]').click();
  await reads(page.locator('[data-test=said]'), /第 3 版/);
  await other.locator('[data-field=address] input').fill('另一个地址');
  await other.locator('[data-test=save]').click();
  await other.locator('[data-test=wrong]').waitFor(); /* who was second is told, nothing is lost */
  assert.equal(await other.locator('[data-field=address] input').inputValue(), '另一个地址');
  await page.locator('[data-test=who-may]').click();
  await page.locator('[data-test=who] tr').nth(2).waitFor();
  await shot(page, 'records-who');
}

/** An officer of another district finds none of it, and cannot reach it by its address. */
async function scope(h) {
  await registry(h);
  const one = await h.call(
    'wang',
    'GET',
    `things/discharger?limit=1&filter=${encodeURIComponent('{"field":"admin_area","op":"=","value":"320115"}')}`,
  );
  const page = await h.as('liuhe');
  await page.goto(`${h.base}/r/discharger`);
  await rowsOf(page).first().waitFor();
  await allRead(rowsOf(page), /六合区/);
  assert.equal(await page.locator('[data-test=create]').count(), 0, 'who may not make has no button');
  page.allow = /status of 404/;
  await page.goto(`${h.base}/r/discharger/${one.items[0].id}`);
  await reads(page.locator('[data-test=record] [data-test=blank]'), /没有这条记录，或您无权查看/);
}

async function bulk(h) {
  await registry(h);
  const page = await h.as('wang');
  await page.goto(`${h.base}/r/discharger`);
  await rowsOf(page).nth(3).waitFor();
  for (const i of [0, 1, 2]) await rowsOf(page).nth(i).locator('input').check();
  await page.locator('[data-test=bulk]').click();
  await page.locator('[data-test=bulk-field]').selectOption('park');
  await page.locator('dialog [data-field=park] input').fill('江宁开发区');
  await page.locator('dialog [name=reason]').fill('园区核定');
  await page.locator('[data-test=bulk-go]').click();
  await reads(page.locator('[data-test=bulk-done]'), /已改 3 条/);
}

/** Two that are one: found, laid side by side, merged by choice, undone. */
async function duplicates(h) {
  await registry(h);
  const a = (await h.call('wang', 'GET', 'things/discharger?limit=1')).items[0];
  const f = a.fields;
  const twin = await h.call('wang', 'POST', 'things/discharger', {
    fields: {
      name: `${f.name}（旧）`,
      address: f.address,
      place: f.place,
      admin_area: f.admin_area,
      industry: f.industry,
      manage_class: f.manage_class,
      status: f.status,
      town: '秣陵街道',
      short_name: f.short_name,
    },
  });
  const page = await h.as('wang');
  await page.goto(`${h.base}/r/discharger`);
  await page.locator('[data-test=duplicates]').click();
  await page.locator('[data-test=find-duplicates]').click();
  const row = page.locator('li[role=option]', { hasText: '（旧）' }).first();
  await row.waitFor();
  await row.click();
  await page.locator('[data-test=pair] [data-pick="town:a"], [data-test=pair] [data-pick="town:b"]').first().waitFor();
  await shot(page, 'records-duplicates');
  await page.locator('[data-test=merge]').click();
  await page.locator('[data-test=pair] [role=alert]').waitFor(); /* nobody merges without a reason */
  const heads = page.locator('[data-test=pair] th');
  await heads.filter({ hasText: '（旧）' }).waitFor();
  const keep = (await heads.nth(1).innerText()).includes('（旧）') ? 'b' : 'a';
  await page.locator(`[data-keep=${keep}]`).check();
  await page.locator(`[data-pick="town:${keep === 'a' ? 'b' : 'a'}"]`).check();
  await page.locator('[name=merge-reason]').fill('同一厂址同一设施');
  await page.locator('[data-test=merge]').click();
  await until(
    'the chosen field came over',
    async () => (await h.call('wang', 'GET', `things/discharger/${a.id}`)).fields.town === '秣陵街道',
  );
  await counts(page.locator('li[role=option]', { hasText: '（旧）' }), 0, 'the pair that is one now');
  assert.equal(
    (await h.call('wang', 'GET', `things/discharger/${twin.id}`)).id,
    a.id,
    'the one merged away answers with the one that stays',
  );
  await page.goto(`${h.base}/r/discharger/${a.id}?tab=history`);
  await page.locator('[data-test=undo-merge]').click();
  await page.locator('[name=unmerge-reason]').fill('核实为两家');
  await page.locator('[data-test=sure]').click();
  await page.locator('[data-test=said]').waitFor();
  assert.equal(
    (await h.call('wang', 'GET', `things/discharger/${twin.id}`)).id,
    twin.id,
    'both stand by themselves again',
  );
}

/** The session ends while somebody writes: he signs in where he is, and nothing that he wrote is lost. */
async function ended(h) {
  await registry(h);
  const page = await h.as('wang');
  await page.goto(`${h.base}/r/discharger`);
  await rowsOf(page).first().waitFor();
  const one = (await h.call('wang', 'GET', 'things/discharger?limit=1')).items[0];
  await page.goto(`${h.base}/r/discharger/${one.id}`);
  await page.locator('[data-test=edit]').click();
  const field = page.locator('[name=short_name]');
  await field.fill('写到一半');
  await page.context().clearCookies();
  /* Whoever asks first opens the dialog: a read of the page may have come before him. */
  await page.locator('[data-test=save]').dispatchEvent('click');
  const again = page.locator('dialog:has([data-test=sign-in-again])');
  await again.locator('[name=again-password]').fill('Not-The-One-9!');
  await again.locator('[data-test=again-go]').click();
  await again.locator('[role=alert]').waitFor();
  await shot(page, 'session-ended');
  await again.locator('[name=again-password]').fill(h.people.get('wang').password);
  await again.locator('[data-test=again-go]').click();
  await again.waitFor({ state: 'hidden' });
  await until(
    'what was written before is kept',
    async () => (await h.call('wang', 'GET', `things/discharger/${one.id}`)).fields.short_name === '写到一半',
  );
  await page.locator('[data-test=edit]').waitFor(); /* the form has closed as after any saving */
}

export const journeys = [
  { name: 'records: import', run: importing },
  { name: 'records: list, filter, export', run: listing },
  { name: 'records: map', run: onMap },
  { name: 'records: one record', run: record },
  { name: 'records: a session that ends', run: ended },
  { name: 'records: scope', run: scope },
  { name: 'records: bulk', run: bulk },
  { name: 'records: duplicates', run: duplicates },
];
