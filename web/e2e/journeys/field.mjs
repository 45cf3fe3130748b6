// The officer's phone: work without signal, the process killed midway, answers lost, the button pressed twice, somebody else
// at the same case. What reached the server is asked of the server itself.
import assert from 'node:assert/strict';
import { counts, out, reads, telling, until } from '../house.mjs';
import { Phone, Way } from '../phone.mjs';
import { people, png } from './people.mjs';

const DAY = 86_400_000;
const day = (ago) => new Date(Date.now() + (8 - 24 * ago) * 3_600_000).toISOString().slice(0, 10);
const F = (page, n) =>
  page
    .locator(`[data-test=field-task] [data-field="${n}"] input, [data-test=field-task] [data-field="${n}"] textarea`)
    .first();
const shot = (p, name) => p.page.screenshot({ path: `${out}${name}.png` });
/** What lies on the phone, from its own store. */
const shelf = (p, name) =>
  p.page.evaluate(
    (s) =>
      new Promise((done, fail) => {
        const r = indexedDB.open('shanshui-field', 1);
        r.onerror = () => fail(r.error);
        r.onsuccess = () => {
          const q = r.result.transaction(s).objectStore(s).getAll();
          q.onsuccess = () => {
            r.result.close();
            done(q.result.map((e) => ({ ...e, bytes: e.bytes?.byteLength })));
          };
        };
      }),
    name,
  );
const kase = (h, id) => h.call('sun', 'GET', `cases/penalty/${id}`);
const photo = (n) => ({ name: `现场${n}.png`, mimeType: 'image/png', buffer: png(40 + n) });

async function signIn(h, page) {
  await page.locator('[name=login]').fill('sun');
  await page.locator('[name=password]').fill(h.people.get('sun').password);
  await page.locator('form button[type=submit]').click();
}
/** A phone of the officer's with a case on it; what goes wrong is told with what the phone shows, before it is put away. */
async function onPhone(h, run) {
  await people(h);
  await h.session('sun');
  const { id } = await h.call('sun', 'POST', 'cases/penalty', {
    data: { title: '瓜埠雨水口 COD 超标', admin_area: '320115', discovered_at: day(1) },
  });
  const way = await Way.open(h.base);
  let phone = null;
  try {
    phone = await Phone.open(h.chromiumPath, way, h.problems);
    await telling(
      () => phone.page,
      async () => {
        await phone.page.goto(`${way.base}/signin?to=/field`);
        await signIn(h, phone.page);
        await phone.page.waitForSelector('[data-test=field][data-carried]');
        await phone.page.evaluate(() => navigator.serviceWorker.ready);
        await phone.page.waitForFunction(() => !!navigator.serviceWorker.controller);
        await run({ id, way, phone });
      },
    );
  } finally {
    await phone?.page.screenshot({ path: `${out}field-end.png` }).catch(() => {});
    await phone?.close();
    await way.close();
  }
}

/** Without signal from the first byte: the shell starts, drafts outlive the process, evidence is fixed, all arrives once. */
async function offline(h, { id, way, phone }) {
  await shot(phone, 'field-online');
  await reads(phone.page.locator('[data-test=near]'), /118\.8404, 31\.9532 ±4 m/);
  way.set('cut');
  await phone.again();
  await phone.page.goto(`${way.base}/field`);
  await phone.page.locator(`[data-task="${id}"]`).click();
  await phone.page.waitForSelector('[data-test=field-task][data-ready]');
  await F(phone.page, 'act_text').fill('雨水口有暗管，正在排放');
  await phone.page.locator('[data-test=draft]').waitFor();
  await until('the draft is on the phone', async () =>
    (await shelf(phone, 'drafts')).some((d) => d.values?.act_text === '雨水口有暗管，正在排放'),
  );
  await phone.again(); /* the battery goes */
  await phone.page.goto(`${way.base}/field/c/penalty/${id}`);
  await phone.page.waitForSelector('[data-test=field-task][data-ready]');
  await until(
    'the draft came through',
    async () => (await F(phone.page, 'act_text').inputValue()) === '雨水口有暗管，正在排放',
  );
  /* No room left: it is said in words, the picture stays on the page, and is kept once there is room. */
  await phone.room(false);
  await phone.page.locator('[data-test=photo]').setInputFiles(photo(1));
  await reads(phone.page.locator('[data-test=unkept]'), /1 件没有存下[^]*存储满了/);
  await shot(phone, 'field-full');
  await phone.room(true);
  await phone.page.locator('[data-test=unkept] .btn').click();
  await phone.page.locator('[data-test=unkept]').waitFor({ state: 'detached' });
  await phone.page.locator('[data-test=photo]').setInputFiles(photo(2));
  await phone.page.locator('[data-local]').nth(1).waitFor();
  await phone.page.locator('[data-test=voice]').click();
  await phone.page.waitForFunction(() => /[1-9]/.test(document.querySelector('[data-test=voice]').textContent));
  await phone.page.locator('[data-test=voice]').click();
  await phone.page.locator('[data-local]').nth(2).waitFor();
  await phone.page.locator('[data-test=offline-bar]', { hasText: '3 项' }).waitFor();
  await shot(phone, 'field-offline');
  await phone.page.evaluate(() => {
    const b = document.querySelector('[data-test=field-save]');
    b.click();
    b.click();
  }); /* pressed twice */
  await phone.page.locator('[data-test=field-said]').waitFor();
  await phone.again(); /* and goes again, with four things owed */
  await phone.page.goto(`${way.base}/field/owed`);
  await phone.page.locator('[data-entry]').nth(3).waitFor();
  await shot(phone, 'field-owed');
  const owed = await shelf(phone, 'outbox');
  assert.equal(owed.length, 4, 'three files and one act, not two');
  assert.equal((await kase(h, id)).files.length, 0, 'nothing has reached the server');
  /* The way is there, but every answer is lost: the server has done it, the phone cannot know, and sends again. */
  way.set('swallow');
  /* A browser that was killed has lost its session: the phone says so, and nothing is lost by it. */
  await phone.page.locator('[data-test=owed] header .btn.push').first().click();
  await phone.page.locator('[data-test=offline-bar] a[href^="/signin"]').click();
  await signIn(h, phone.page);
  await phone.page.locator('[data-entry]').nth(3).waitFor();
  await until('the first thing is with the server', async () => (await kase(h, id)).files.length === 1);
  const before = way.acts;
  await phone.page.locator('[data-test=owed] header .btn.push').first().click();
  await until('it was sent again', () => way.acts > before);
  assert.equal((await shelf(phone, 'outbox')).length, 4, 'what got no answer is still owed');
  way.set('pass');
  await phone.page.locator('[data-test=none-owed]').waitFor();
  const k = await kase(h, id);
  assert.equal(k.files.length, 3, 'each file once');
  assert.deepEqual(
    k.files.map((f) => f.digest).sort(),
    owed
      .filter((e) => e.query)
      .map((e) => e.query.sm3)
      .sort(),
    'the digests are those that the phone fixed',
  );
  for (const f of k.files) {
    assert.equal(f.about.lon, 118.8404);
    assert.equal(f.about.accuracy, 4);
    assert.ok(Math.abs(Date.parse(f.about.at) - Date.now()) < 3_600_000);
  }
  assert.equal(k.files.filter((f) => f.name.endsWith('.wav')).length, 1);
  assert.equal(k.trace.filter((e) => e.act === 'save').length, 1, 'saved once');
  assert.equal(k.record.fields.act_text, '雨水口有暗管，正在排放');
  await phone.page.goto(`${way.base}/field/c/penalty/${id}`);
  await phone.page.waitForSelector('[data-test=field-task][data-ready] li img');
  await shot(phone, 'field-done');
}

/** Somebody else saved the same field meanwhile: both stand side by side, a person chooses, nothing is overwritten in silence. */
async function conflict(h, { id, way, phone }) {
  await phone.page.locator(`[data-task="${id}"]`).click();
  await phone.page.waitForSelector('[data-test=field-task][data-ready]');
  way.set('cut');
  await F(phone.page, 'act_place').fill('北侧雨水井');
  await F(phone.page, 'act_text').fill('井盖下有暗管');
  await phone.page.locator('[data-test=field-save]').click();
  await phone.page.locator('[data-test=field-said]').waitFor();
  const { n } = await kase(h, id);
  await h.call('sun', 'POST', `cases/penalty/${id}/acts`, { act: 'save', data: { act_place: '南侧厂门' }, n });
  way.set('pass');
  await phone.page.goto(`${way.base}/field/owed`);
  await phone.page.locator('[data-state=conflict]').waitFor();
  await reads(phone.page.locator('[data-state=conflict]'), /北侧雨水井/);
  await reads(phone.page.locator('[data-state=conflict]'), /南侧厂门/);
  await shot(phone, 'field-conflict');
  assert.equal((await kase(h, id)).record.fields.act_place, '南侧厂门', 'nothing was overwritten');
  await phone.page.locator('[data-pick="act_place:theirs"]').check();
  await phone.page.locator('[data-test=use-mine]').click();
  await phone.page.locator('[data-test=none-owed]').waitFor();
  const k = await kase(h, id);
  assert.equal(k.record.fields.act_place, '南侧厂门');
  assert.equal(k.record.fields.act_text, '井盖下有暗管', 'what nobody else touched is merged');
}

/** Begun where there is no signal, with its picture; the server refuses what it must, in words; signing out leaves nothing to read. */
async function begun(h, { way, phone }) {
  const count = async () => (await h.call('sun', 'GET', 'cases?flow=penalty&limit=500')).items.length;
  const before = await count();
  /* Its clock is three days fast; it learnt that while it had signal, and what it fixes without is right. */
  await phone.page.addInitScript((ms) => {
    const now = Date.now;
    Date.now = () => now() + ms;
  }, 3 * DAY);
  await phone.page.reload();
  await until('the phone knows how far its clock is off', () =>
    phone.page.evaluate((ms) => Math.abs(Number(localStorage.getItem('shanshui.skew')) + ms) < 3_600_000, 3 * DAY),
  );
  await phone.page.waitForSelector('[data-test=field][data-carried]');
  way.set('cut');
  await phone.page.reload();
  await phone.page.locator('[data-begin=penalty]').click();
  await phone.page.waitForSelector('[data-test=field-start][data-ready]');
  const box = (n) => phone.page.locator(`[data-test=field-start] [data-field="${n}"]`);
  await phone.page.locator('[data-test=begin-go]').click();
  await phone.page.locator('[data-test=field-wrong]').waitFor(); /* what is missing is said here, without the server */
  await box('title').locator('input').fill('夜间偷排');
  await box('admin_area').locator('select').selectOption('320115');
  await box('discovered_at').locator('input').fill(day(0));
  await box('discovered_at').locator('input').blur();
  await phone.page.locator('[data-test=photo]').setInputFiles(photo(7));
  await phone.page.locator('[data-local]').waitFor();
  /* The page is closed midway: what was typed and what was taken is there again. */
  await until('both are on the phone', async () => {
    const kept = await shelf(phone, 'drafts');
    return kept.some((d) => d.values?.title === '夜间偷排' && d.values?.discovered_at) && kept.some((d) => d.bytes);
  });
  await phone.page.reload();
  await phone.page.waitForSelector('[data-test=field-start][data-ready]');
  await phone.page.locator('[data-local]').waitFor();
  await until('what was typed', async () => (await box('title').locator('input').inputValue()) === '夜间偷排');
  await shot(phone, 'field-begin');
  await phone.page.evaluate(() => {
    const b = document.querySelector('[data-test=begin-go]');
    b.click();
    b.click();
  });
  await phone.page.waitForURL(/\/field$/);
  way.set('swallow');
  await phone.page.goto(`${way.base}/field/owed`);
  await until('the case is with the server', async () => (await count()) === before + 1);
  way.set('pass'); /* it goes by itself */
  await phone.page.locator('[data-test=none-owed]').waitFor();
  assert.equal(await count(), before + 1, 'one case, though it was sent more than once');
  const { items } = await h.call('sun', 'GET', 'cases?flow=penalty&limit=500');
  const { files } = await kase(h, items.find((c) => c.title === '夜间偷排').id);
  assert.equal(files.length, 1);
  assert.ok(Math.abs(Date.parse(files[0].about.at) - Date.now()) < 3_600_000, `fixed at ${files[0].about.at}`);
  assert.ok(!(await shelf(phone, 'drafts')).some((d) => d.bytes), 'no picture is left behind');
  await until('the phone carries what it needs', async () => (await shelf(phone, 'kept')).length > 3);
  await phone.page.locator('[data-test=mine]').click();
  await phone.page.locator('[data-test=leave]').click();
  await phone.page.waitForURL(/\/signin/);
  assert.equal((await shelf(phone, 'kept')).length, 0, 'nothing is left to read');
  way.set('cut');
  await phone.page.goto(`${way.base}/field`);
  await phone.page.waitForFunction(() => document.body.innerText.trim().length > 0);
  await counts(phone.page.locator('[data-task]'), 0);
}

export const journeys = [
  { name: 'field: without signal', run: (h) => onPhone(h, (p) => offline(h, p)) },
  { name: 'field: conflict', run: (h) => onPhone(h, (p) => conflict(h, p)) },
  { name: 'field: begun', run: (h) => onPhone(h, (p) => begun(h, p)) },
];
