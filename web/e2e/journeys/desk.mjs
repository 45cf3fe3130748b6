// The duty officer's day: an event comes by itself, is confirmed and sent by keys, two become one, closing names what lacks,
// the roster shows its hole, the shift is handed over to another.
import assert from 'node:assert/strict';
import { counts, reads, shot, until } from '../house.mjs';
import { people, table } from './people.mjs';

const LIUHE = '320116';
const iso = (minutes) => new Date(Date.now() + (480 + minutes) * 60_000).toISOString().replace(/\.\d+Z$/, '+08:00');
const dayAt = (days, hour) =>
  `${new Date(Date.now() + 8 * 3_600_000 + days * 86_400_000).toISOString().slice(0, 10)}T${String(hour).padStart(2, '0')}:00:00+08:00`;
const point = (lon, lat) => ({ type: 'Point', coordinates: [lon, lat], crs: 'CGCS2000' });
const row = (page, id) => page.locator(`[data-test=event-desk] li[data-id="${id}"]`);
const panel = (page, id, state) => page.locator(`[data-test=event][data-id="${id}"][data-state="${state}"]`);

async function duty(h) {
  await people(h);
  if (h.people.has('zhi')) {
    for (const who of ['zhi', 'ti', 'wei', 'chu', 'gong']) await h.session(who);
    return;
  }
  await h.person('chu', '楚处长', 'line_dept', null);
  await h.person('zhi', '陈卫东', 'duty_city', null);
  await h.person('ti', '李雪', 'duty_city', null);
  await h.person('wei', '何川', 'town_grid', [LIUHE]);
  await h.person('gong', '龚敏', 'duty_district', [LIUHE]);
  for (const t of ['nature_rule', 'event_limit', 'procedure'])
    await h.call('chu', 'POST', `things/${t}/import`, table(h, 'office/events', t), 'text/csv');
  h.deskDay = dayAt(0, 0).slice(0, 10);
  const shift = (fields) => h.call('zhi', 'POST', 'things/shift', { fields });
  await shift({
    user: h.people.get('wei').id,
    name: '何川',
    post: 'grid',
    admin_area: LIUHE,
    from: dayAt(-1, 0),
    to: dayAt(2, 0),
    skills: 'odour',
  });
  await shift({ user: 'later', name: '孙河', post: 'grid', admin_area: LIUHE, from: dayAt(2, 12), to: dayAt(5, 0) });
  await shift({ user: h.people.get('zhi').id, name: '陈卫东', post: 'desk', from: dayAt(-1, 0), to: dayAt(5, 0) });
  await shift({
    user: 'ill',
    name: '龚敏',
    post: 'desk',
    admin_area: LIUHE,
    from: dayAt(0, 0),
    to: dayAt(1, 0),
    on_leave: true,
  });
}
/** A complaint; the id of the event that it became. */
async function complaint(h, ref, lon, lat, text) {
  const { id } = await h.call('zhi', 'POST', 'things/signal', {
    fields: {
      source_kind: 'complaint',
      source_ref: ref,
      nature: 'odour',
      seen_at: iso(-20),
      place: point(lon, lat),
      text,
    },
  });
  return (await h.call('zhi', 'GET', `things/signal/${id}`)).fields.event;
}

async function confirmAndSend(h) {
  await duty(h);
  const page = await h.as('zhi');
  await page.goto(`${h.base}/desk`);
  await page.locator('[data-test=event-desk] .note').waitFor();
  /* It comes by the stream, without a reload. */
  const id = await complaint(h, 'E2E-1', 118.742, 32.232, '小区里有刺鼻的化工异味');
  h.desk = { first: id };
  await row(page, id).waitFor();
  await page.keyboard.press('j');
  await panel(page, id, 'confirming').waitFor();
  await reads(page.locator('[data-test=would]'), /何川/, 'who would go');
  await reads(page.locator('[data-test=procedure]'), /上风向/, 'the procedure of the nature');
  await counts(page.locator('[data-test=strip] li'), 6);
  await page.locator('[data-test=strip] [aria-current=step][data-stage=confirm]').waitFor();
  /* A key shows the form and sends nothing. */
  await page.keyboard.press('c');
  await page.locator('[data-way=dispatching][aria-pressed=true]').waitFor();
  assert.equal((await h.call('zhi', 'GET', `cases/event/${id}`)).state, 'confirming');
  await page.locator('[data-field=owner] input').fill('六合派出局');
  await page.locator('[data-test=go]').click();
  await panel(page, id, 'dispatching').waitFor();
  await page.locator('h1').click();
  await page.keyboard.press('d');
  await page.locator('[data-way=dispatched][aria-pressed=true]').waitFor();
  await page.locator('[data-test=go]').click();
  await panel(page, id, 'dispatched').waitFor();
  await page.locator('[data-tab=what]').click();
  await reads(page.locator('[data-test=sent]'), /何川/);
  await page.locator('[data-test=event-map][data-ready]').waitFor();
  await shot(page, 'desk-sent');
  /* A filter that does not fit hides it, and says so. */
  await page.locator('[data-test=stage]').selectOption('evaluate');
  await page.locator('[data-test=event-desk] .note').waitFor();
  await page.locator('[data-test=stage]').selectOption('');
  await row(page, id).waitFor();
}

async function mergeTwo(h) {
  await duty(h);
  const elder = await complaint(h, 'E2E-2', 118.8, 32.35, '夜里有臭鸡蛋味');
  const younger = await complaint(h, 'E2E-3', 118.83, 32.35, '厂区方向有焦糊气味');
  assert.notEqual(elder, younger);
  const page = await h.as('zhi');
  await page.goto(`${h.base}/desk?id=${younger}`);
  await panel(page, younger, 'confirming').waitFor();
  await page.keyboard.press('m');
  await page.locator(`[data-merge="${elder}"]`).click();
  await panel(page, elder, 'confirming').waitFor();
  await counts(page.locator('[data-test=signals] > li'), 2);
  assert.equal((await h.call('zhi', 'GET', `cases/event/${younger}`)).state, 'rejected');
  assert.equal((await h.call('zhi', 'GET', `things/event/${elder}`)).fields.signals, 2);
  await row(page, younger).waitFor({ state: 'detached' });
}

async function closing(h) {
  await duty(h);
  const id =
    h.desk?.first ??
    (() => {
      throw new Error('the event of the first journey is not there');
    })();
  const act = (who, body) => h.call(who, 'POST', `cases/event/${id}/acts`, body);
  await act('wei', {
    act: 'go',
    to: 'on_site',
    data: { arrived_at: iso(-5), arrived_place: point(118.7421, 32.2321) },
  });
  await act('wei', { act: 'go', to: 'closing', data: { findings: '喷涂车间未收集', measure: '已令停喷' } });
  const page = await h.as('gong', { theme: 'dark', lang: 'en' });
  await page.goto(`${h.base}/desk?id=${id}`);
  await panel(page, id, 'closing').waitFor();
  const strip = page.locator('[data-test=strip]');
  await reads(strip.locator('[data-stage=close]'), /missing.*photos/s, 'what lacks before it can close');
  await strip.locator('[data-stage=decide].skipped').waitFor();
  await shot(page, 'desk-closing-en-dark');
}

async function sound(h) {
  await duty(h);
  const page = await h.as('zhi');
  await page.goto(`${h.base}/desk`);
  const bell = page.locator('[data-test=sound]');
  const silent = page.locator('[data-test=sound][aria-checked=false]');
  const loud = page.locator('[data-test=sound][aria-checked=true]');
  await silent.waitFor(); /* until somebody wants it */
  await bell.click();
  await loud.waitFor();
  await page.reload();
  await loud.waitFor(); /* the choice outlives a reload */
  /* Another person at the same computer has his own. */
  await page.goto(`${h.base}/map/districts.json`); /* an open page would go to the sign-in by itself */
  await page.context().clearCookies();
  await h.signIn(page, 'ti');
  await page.goto(`${h.base}/desk`);
  await silent.waitFor();
}

async function roster(h) {
  await duty(h);
  const page = await h.as('zhi');
  await page.goto(`${h.base}/desk/roster?day=${h.deskDay}`); /* the shifts are of that day, also past midnight */
  await page.locator('.shift', { hasText: '何川' }).waitFor();
  await reads(page.locator('[data-test=holes]'), /空缺 \d+ 处[\s\S]*六合区/, 'a hole within three days');
  await page.locator('.shift.leave', { hasText: '龚敏 请假' }).waitFor();
  await page.locator('[data-test=next]').click();
  await page.locator('[data-test=next]').click();
  await page.locator(`[data-area="${LIUHE}"] .hole`).first().waitFor();
  await page.locator('.shift', { hasText: '孙河' }).waitFor();
  await shot(page, 'desk-roster');
}

async function handover(h) {
  await duty(h);
  const page = await h.as('zhi');
  await page.goto(`${h.base}/desk/handover`);
  await page.locator('[data-test=begin]').click();
  await page.locator('[name=notes]').fill('盯住大厂异味；回访报告人');
  await page.locator('[data-test=matters] tbody tr').nth(1).waitFor(); /* two open matters at the least */
  await page.locator('[data-test=sign-out]').click();
  await reads(page.locator('[data-test=out]'), /陈卫东/);
  /* Who signed out does not sign in. */
  await page.locator('[data-test=other]').waitFor();
  await counts(page.locator('[data-test=sign-in]'), 0);
  const fixed = await reads(page.locator('[data-test=counts]'), /\d/);
  const id = new URL(page.url()).searchParams.get('id');
  await complaint(h, 'E2E-9', 118.62, 32.05, '凌晨有油漆味');
  const next = await h.as('ti');
  await next.goto(`${h.base}/desk/handover`);
  await next.locator('[data-test=sign-in]').waitFor();
  await until(
    'what was signed stays, whatever came since',
    () => next.locator('[data-test=counts]').innerText(),
    (t) => t === fixed,
  );
  await next.locator('[data-test=sign-in]').click();
  await reads(next.locator('[data-test=in]'), /李雪/);
  await reads(next.locator('[data-test=history]'), /交接班[\s\S]*已交接[\s\S]*陈卫东 → 李雪/);
  assert.ok(
    (await h.call('ti', 'GET', `things/handover/${id}/history`)).items.length >= 3,
    'each signature is a version',
  );
  await shot(next, 'desk-handover');
  const phone = await h.as('ti', { width: 390, height: 844, phone: true });
  for (const path of ['desk', 'desk/handover', 'desk/roster']) {
    await phone.goto(`${h.base}/${path}`);
    await phone.locator('h1').waitFor();
    await until(
      `${path} is no wider than a phone`,
      () => phone.evaluate(() => document.documentElement.scrollWidth - innerWidth),
      (over) => over <= 0,
    );
  }
}

export const journeys = [
  { name: 'desk: an event comes, is confirmed and sent', run: confirmAndSend },
  { name: 'desk: two events become one', run: mergeTwo },
  { name: 'desk: what lacks before closing', run: closing },
  { name: 'desk: sound is a choice', run: sound },
  { name: 'desk: the roster and its hole', run: roster },
  { name: 'desk: the shift is handed over', run: handover },
];
