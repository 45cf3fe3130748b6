// Pages that change by themselves: the bell, the list of tasks, a case, a record; nothing is missed while the line is down.
import assert from 'node:assert/strict';
import { House, shot, telling, totp, until } from '../house.mjs';
import { people, registry } from './people.mjs';

/** Marks the page, so that a reload (which would be no proof) is noticed. */
const mark = (page) =>
  page.evaluate(() => {
    window.notReloaded = true;
  });
const unbroken = async (page) =>
  assert.equal(await page.evaluate(() => window.notReloaded), true, 'the page was reloaded');
const streaming = (page) => page.locator('[data-live=open]').waitFor();
const started = (h, who, title) =>
  h.call(who, 'POST', 'cases/penalty', {
    data: { title, admin_area: '320115', discovered_at: new Date().toISOString().slice(0, 10) },
  });

async function follows(h) {
  await people(h);
  await registry(h);
  for (const who of ['sun', 'lead', 'wang']) await h.session(who);
  const work = await h.as('sun');
  await work.goto(`${h.base}/work`);
  await work.locator('[data-test=work]').waitFor();
  await streaming(work);
  await mark(work);
  const { id } = await started(h, 'sun', '夜间偷排线索');
  await work.locator(`[data-task="${id}"]`).waitFor();

  const kase = await h.as('sun');
  await kase.goto(`${h.base}/c/penalty/${id}`);
  await kase.locator('[data-test=case-title]').waitFor();
  await streaming(kase);
  await mark(kase);
  /* The head urges: the officer's bell, his list of messages and the case's trace say so by themselves. */
  await h.call('lead', 'POST', `cases/penalty/${id}/acts`, { act: 'urge', note: '今晚办结' });
  await work.locator('[data-test=bell] b').waitFor();
  await work.locator('[data-test=inbox] li', { hasText: '夜间偷排线索' }).first().waitFor();
  await kase.locator('[data-test=trace]', { hasText: '今晚办结' }).waitFor();
  await unbroken(work);
  await unbroken(kase);
  await shot(work, 'live-work');
}

/** The line is cut, things happen, the line comes back: what happened is there. */
async function withoutGap(h) {
  await people(h);
  await registry(h);
  await h.session('wang');
  const one = (await h.call('wang', 'GET', 'things/discharger?limit=1')).items[0];
  const page = await h.as('data');
  page.allow = /ERR_INTERNET_DISCONNECTED|ERR_NETWORK|ERR_FAILED|Failed to load resource/;
  await page.goto(`${h.base}/r/discharger/${one.id}`);
  await page.locator('[data-test=record-title]').waitFor();
  await streaming(page);
  await mark(page);
  const rename = async (name) => {
    const now = await h.call('wang', 'GET', `things/discharger/${one.id}`);
    await h.call('wang', 'PATCH', `things/discharger/${one.id}`, {
      version: now.version,
      fields: { name },
      reason: '更名',
    });
  };
  await rename('金陵一号厂');
  await page.locator('[data-test=record-title]', { hasText: '金陵一号厂' }).waitFor();
  await page.context().setOffline(true);
  await rename('金陵二号厂');
  await page.context().setOffline(false);
  await page.locator('[data-test=record-title]', { hasText: '金陵二号厂' }).waitFor();
  /* Nor where the stream cannot be had for a while and the browser gives up. */
  await page.route('**/api/v1/live*', (r) => r.fulfill({ status: 503, contentType: 'text/plain', body: 'gone' }));
  await page.reload();
  await page.locator('[data-live=lost]').waitFor();
  await page.locator('[data-test=record-title]', { hasText: '金陵二号厂' }).waitFor();
  await mark(page);
  await rename('金陵三号厂');
  await page.unroute('**/api/v1/live*');
  await page.locator('[data-test=record-title]', { hasText: '金陵三号厂' }).waitFor();
  await unbroken(page);
}

/** A house where a code is old after a few seconds: granting asks for it again, what was asked goes on by itself. */
async function stepUp(h) {
  const own = await House.open({
    bin: h.bin,
    root: h.root,
    chromiumPath: h.chromiumPath,
    extra: ['--access.step_up', '5s'],
  });
  try {
    await own.three();
    const { id } = await own.call('sys', 'POST', 'users', {
      login: 'zhao',
      name: '赵值班',
      password: 'Temp-Qwx7Zk-1!',
    });
    assert.ok(id);
    const page = await own.as('sec');
    await page.goto(`${own.base}/admin/grants`);
    await page.locator('[data-test=new-grant]').click();
    await page.locator('[name=user]').selectOption({ label: '赵值班 zhao' });
    await page.locator('[name=role]').selectOption('duty_city');
    await page.locator('[name=reason]').fill('轮值');
    /* His code is old once the server says so of this page's session; what is asked here is nothing that could be done. */
    const old = () =>
      page.evaluate(async () => {
        const { csrf } = await (await fetch('/api/v1/session')).json();
        const r = await fetch('/api/v1/tokens', {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-csrf-token': csrf },
          body: '{"user":"x","name":"x","permissions":[],"days":1}',
        });
        return (await r.json()).code === 'SS_ESTEPUP';
      });
    await until('the code is old', old);
    await telling(page, () => showAgain(own, page));
    assert.deepEqual(own.problems, []);
  } finally {
    await own.close();
  }
}
/** The grant is asked for; refused codes are told, the right one lets it through. */
async function showAgain(own, page) {
  await page.locator('[data-test=save-grant]').click();
  const dialog = page.locator('[data-test=step-up]');
  const granted = page.locator('[data-grant="zhao:duty_city"]');
  await dialog.waitFor();
  await page.locator('[name=step-code]').fill('000000');
  await page.locator('[data-test=step-go]').click();
  await dialog.locator('[role=alert]').waitFor();
  await shot(page, 'step-up');
  /* On a slow machine the code may be old again before the grant gets through: asked for as often as it is. */
  do {
    await own.freshCode(own.people.get('sec'));
    await page.locator('[name=step-code]').fill(totp(own.people.get('sec').secret));
    await page.locator('[data-test=step-go]').click();
    await page.waitForFunction(
      () =>
        document.querySelector('[data-grant="zhao:duty_city"]') ||
        document.querySelector('[name=step-code]')?.value === '',
    );
  } while (!(await granted.count()));
}

export const journeys = [
  { name: 'live: bell, tasks, case', run: follows },
  { name: 'live: nothing is missed', run: withoutGap },
  { name: 'live: step-up', run: stepUp },
];
