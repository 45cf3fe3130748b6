// Pages generated from flows: the workbench, a case through several hands, evidence, documents, the board, the phone.
import assert from 'node:assert/strict';
import { counts, reads, shot, until } from '../house.mjs';
import { people, png } from './people.mjs';

const G = (page, n) => page.locator(`.work [data-field="${n}"]`);
/** A choice is a list or a row of buttons, as many as it has: what it is shows once it is there. */
const choose = async (page, n, text) => {
  const box = G(page, n).locator('select, button').first();
  await box.waitFor();
  if ((await box.evaluate((e) => e.tagName)) === 'SELECT')
    await box.selectOption(text ? { label: text } : { index: 1 });
  else if (text) await G(page, n).locator('button', { hasText: text }).first().click();
  else await box.click();
};
const fill = async (page, n, v) => {
  const e = G(page, n).locator('input, textarea').first();
  await e.fill(v);
  await e.blur();
};
const day = (ago) => new Date(Date.now() + (8 - 24 * ago) * 3_600_000).toISOString().slice(0, 10);
const said = (page) => page.locator('[data-test=said]').waitFor();

async function documentOf(page, id) {
  await page.locator('[data-test=make-document]').click();
  await page.locator('[name=document]').selectOption(id);
  await page.locator('[data-test=act-go]').click();
  await said(page);
}

/** From the clue to the investigation: an officer, his head, what is missing by name, return, evidence, documents with numbers. */
async function penalty(h) {
  await people(h);
  const page = await h.as('sun');
  await page.goto(`${h.base}/work`);
  await page.locator('[data-start=penalty]').click();
  await page.locator('[data-test=start-go]').click();
  await page.locator('dialog [data-field=title] .why').waitFor(); /* what is asked for is said at the field */
  await page.locator('dialog [data-field=title] input').fill('金陵新材料 非甲烷总烃超标排放案');
  await page.locator('dialog [data-field=admin_area] select').selectOption('320115');
  await page.locator('dialog [data-field=discovered_at] input').fill(day(2));
  await page.locator('dialog [data-field=discovered_at] input').blur();
  await page.locator('[data-test=start-go]').click();
  await page.locator('[data-test=case-title]').waitFor();
  const url = page.url();
  await until('the way on is closed while things are missing', () => page.locator('[data-go=filing]').isDisabled());
  await reads(page.locator('[data-test=ways]'), /提请立案[\s\S]*还差 \d+ 项：[\s\S]*违法行为/);
  /* Fifteen days less two; a last day in a holiday moves behind it. */
  await reads(page.locator('[data-test=clocks]'), /立案 15 日\s*余 (1[2-9]|2\d) 天/);
  await shot(page, 'case-start');
  await choose(page, 'party_kind', '单位');
  await fill(page, 'party_name', '金陵新材料有限公司');
  await G(page, 'conduct').locator('select').selectOption({ index: 1 });
  await fill(page, 'act_text', 'DA003 排口 14 时非甲烷总烃 63.2 mg/m³，超许可限值');
  await fill(page, 'party_address', '江宁区秣陵街道 8 号');
  await fill(page, 'act_place', '江宁区');
  await fill(page, 'act_end', day(3));
  await choose(page, 'how');
  await fill(page, 'violated_clause', '大气污染防治法 18');
  await fill(page, 'penalty_clause', '大气污染防治法 99（二）');
  await page.locator('[data-act=save]').click();
  await said(page);
  await page
    .locator('input[data-attach=other]')
    .setInputFiles([1, 2].map((n) => ({ name: `现场照片${n}.png`, mimeType: 'image/png', buffer: png(n) })));
  await page.locator('[data-test=attached]').waitFor();
  await page.waitForFunction(() => {
    const all = [...document.querySelectorAll('[data-test=evidence] img')];
    return all.length === 2 && all.every((i) => i.complete && i.naturalWidth > 0);
  });
  /* What is no picture but says so is refused, and the page says why. */
  await page
    .locator('input[data-attach=other]')
    .setInputFiles({ name: '照片.png', mimeType: 'image/png', buffer: Buffer.from('MZ\x90\0not a picture') });
  await page.locator('[data-test=evidence] [role=alert]').waitFor();
  await shot(page, 'case-evidence');
  await page.locator('[data-go=filing]').click();
  await page.locator('[data-test=case-state]', { hasText: '立案审批' }).waitFor();
  await counts(page.locator('[data-go]'), 0, 'ways on for the officer, who does not approve his own case');

  const lead = await h.as('lead');
  await lead.goto(`${h.base}/work`);
  await lead.locator(`[data-task="${url.split('/').pop()}"]`).click();
  await lead.locator('[data-act=return]').click();
  await lead.locator('[data-test=act-go]').click();
  await lead.locator('[data-test=act-wrong]').waitFor(); /* no return without a reason */
  await lead.locator('[name=note]').fill('补充违法事实的依据');
  await shot(lead, 'case-return');
  await lead.locator('[data-test=act-go]').click();
  await lead.locator('[data-test=case-state]', { hasText: '线索' }).waitFor();

  await page.goto(url);
  await page.locator('[data-test=trace]', { hasText: '补充违法事实的依据' }).waitFor();
  await fill(page, 'act_text', 'DA003 排口 14 时非甲烷总烃 63.2 mg/m³，超许可限值 60（许可证 7.2）');
  await page.locator('[data-go=filing]').click();
  await page.locator('[data-test=case-state]', { hasText: '立案审批' }).waitFor();
  await lead.goto(url);
  await reads(lead.locator('[data-test=ways]'), /批准立案[\s\S]*还差 1 项/);
  await documentOf(lead, 'filing');
  const doc = lead.locator('[data-test=documents] li').first();
  await doc.waitFor();
  const [pdf] = await Promise.all([lead.waitForEvent('download'), doc.locator('[data-test=pdf]').click()]);
  assert.ok(pdf.suggestedFilename().endsWith('.pdf'));
  await lead.locator('[data-go=investigation]').click();
  await lead.locator('[data-test=case-state]', { hasText: '调查取证' }).waitFor();
  await counts(lead.locator('[data-test=stages] li.past'), 2);
  await shot(lead, 'case-investigation');
  h.caseUrl = url;
}

async function acts(h) {
  if (!h.caseUrl) await penalty(h);
  const page = await h.as('sun');
  await page.goto(h.caseUrl);
  const menu = async (act) => {
    await page.locator('[data-test=more-acts]').click();
    await page.locator(`.menu [data-act=${act}]`).click();
  };
  await menu('comment');
  await page.locator('[name=note]').fill('企业已停产检修');
  await page.locator('[data-test=act-go]').click();
  await page.locator('[data-test=trace]', { hasText: '企业已停产检修' }).waitFor();
  await menu('suspend');
  await page.locator('[name=note]').fill('等检测报告');
  await page.locator('[data-test=act-go]').click();
  await page.locator('[data-act=resume]').waitFor();
  await counts(page.locator('.work [data-test=form]'), 0);
  await shot(page, 'case-suspended');
  await page.locator('[data-act=resume]').click();
  await said(page);
  await menu('transfer');
  await page.locator('[name=user]').fill('李队');
  await page.locator('.list li', { hasText: '李队长' }).click();
  await page.locator('[name=note]').fill('请队长承办');
  await page.locator('[data-test=act-go]').click();
  await said(page);
  const lead = await h.as('lead');
  await lead.goto(`${h.base}/work`);
  await lead.locator(`[data-task="${h.caseUrl.split('/').pop()}"]`, { hasText: '转办给您' }).click();
  await lead.locator('[data-act=accept]').click();
  await said(lead);
}

async function board(h) {
  if (!h.caseUrl) await penalty(h);
  const page = await h.as('lead');
  await page.goto(`${h.base}/c/penalty?layout=board`);
  await page.locator('[data-lane=investigation] .card').first().waitFor();
  await shot(page, 'cases-board');
  await page.locator('[data-layout=list]').click();
  await page.locator('tr[data-case]').first().waitFor();
  await shot(page, 'cases-list');
  /* Somebody of another district has none of it. */
  const other = await h.as('liuhe');
  await other.goto(`${h.base}/c/penalty`);
  await other.locator('[data-test=blank]').waitFor();
  other.allow = /status of 404/;
  await other.goto(h.caseUrl);
  await other.locator('[data-test=blank]', { hasText: '没有这个案件，或您无权查看' }).waitFor();
}

/** The phone of who has the case in hand: my tasks, the case with one large way on, evidence by the camera, nothing wider than the screen. */
async function phone(h) {
  if (!h.caseUrl) await penalty(h);
  const page = await h.as('lead', { width: 390, height: 844, phone: true });
  await page.goto(`${h.base}/work`);
  await page.locator('[data-test=work]').waitFor();
  await shot(page, 'phone-work');
  await page.goto(h.caseUrl);
  await page.locator('[data-test=clocks], [data-test=stages]').first().waitFor();
  for (const sel of ['html', '#main'])
    await until(
      `${sel} is no wider than the phone`,
      () => page.locator(sel).evaluate((e) => e.scrollWidth - e.clientWidth),
      (over) => over <= 1,
    );
  await until(
    'a finger hits the buttons',
    async () => (await page.locator('[data-test=acts] .btn:visible').first().boundingBox())?.height,
    (height) => height >= 44,
  );
  await shot(page, 'phone-case');
  await page
    .locator('input[data-attach=other]')
    .setInputFiles({ name: '手机照片.png', mimeType: 'image/png', buffer: png(9) });
  await page.locator('[data-test=attached]').waitFor();
  await page.locator('[data-test=more-rooms]').click();
  await page.locator('[data-test=more-rooms][aria-expanded=true]').waitFor();
  await shot(page, 'phone-rooms');
}

async function english(h) {
  if (!h.caseUrl) await penalty(h);
  const page = await h.as('lead', { lang: 'en', theme: 'dark' });
  await page.goto(h.caseUrl);
  await page.locator('[data-test=stages]').waitFor();
  await page.locator('[data-test=acts]').waitFor();
  await until(
    'what the declarations and the page say is English',
    () =>
      page.locator('.page .tabs, [data-test=stages], [data-test=clocks], .ph, [data-test=acts]').evaluateAll((all) =>
        all.flatMap((e) => {
          const copy = e.cloneNode(true);
          copy.querySelectorAll('.clock [lang=zh-CN]').forEach((x) => x.remove()); /* the law's own name */
          return copy.textContent.match(/[\u4e00-\u9fff]{2,}/g) ?? [];
        }),
      ),
    (l) => !l.length,
  );
  await shot(page, 'case-en-dark');
}

export const journeys = [
  { name: 'cases: a penalty through hands', run: penalty },
  { name: 'cases: acts', run: acts },
  { name: 'cases: board, list, scope', run: board },
  { name: 'cases: on a phone', run: phone },
  { name: 'cases: in English', run: english },
];
