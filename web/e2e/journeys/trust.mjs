// Certificates, systems of single sign-on, roles for a time, messages and how one is told, a flow tried, a record split.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reads, shot, until } from '../house.mjs';
import { people, registry } from './people.mjs';

/** A request as its holder makes it: the key stays in his folder. */
function request(h, name) {
  const key = join(h.dir, `${name}.key`);
  if (!existsSync(key)) execFileSync(h.bin, ['ca', 'key', '--out', key]);
  return execFileSync(h.bin, ['ca', 'request', '--key', key, '--name', name], { encoding: 'utf8' });
}
const said = (page) => page.locator('[data-test=said]').first().waitFor();

async function certificates(h) {
  await people(h);
  const page = await h.as('sec');
  await page.goto(`${h.base}/admin/certs`);
  await page.locator('[data-test=make-ca]').click();
  await page.locator('[name=ca-name]').fill('南京市生态环境局');
  await page.locator('[name=passphrase]').fill('yi-zhi-xing-dao-2026!');
  await page.locator('[data-test=ca-go]').click();
  await page.locator('[data-chain=p256]').waitFor();
  await page.locator('[data-test=issue]').click();
  await page.locator('[data-test=issue-go]').click();
  await page.locator('[data-test=cert-side] [role=alert]').waitFor(); /* for whom, and of what? */
  await page.locator('[name=user]').selectOption({ label: '孙明 sun' });
  await page
    .locator('[data-test=csr-file]')
    .setInputFiles({ name: 'sun.csr', mimeType: 'text/plain', buffer: Buffer.from(request(h, 'sun')) });
  await until('the file is read', async () => /BEGIN/.test(await page.locator('[name=csr]').inputValue()));
  await page.locator('[name=days]').fill('20');
  await page.locator('[data-test=issue-go]').click();
  const [crt] = await Promise.all([page.waitForEvent('download'), page.locator('[data-test=pem]').click()]);
  assert.match(readFileSync(await crt.path(), 'utf8'), /BEGIN CERTIFICATE/);
  await page.locator('[data-test=ending]').waitFor(); /* twenty days are few */
  await shot(page, 'certs');
  const [crl] = await Promise.all([
    page.waitForEvent('download'),
    page.locator('[data-chain=sm2] [data-test=crl]').click(),
  ]);
  assert.match(readFileSync(await crl.path(), 'utf8'), /BEGIN X509 CRL/);
  await page.locator('tr[data-cert=sun][data-state=valid]').click();
  await page.locator('[data-test=renew]').click();
  await page.locator('[name=csr]').fill(request(h, 'sun'));
  await page.locator('[data-test=issue-go]').click();
  await page.locator('tr[data-cert=sun][data-state=replaced]').waitFor();
  await page.locator('tr[data-cert=sun][data-state=valid]').click();
  await page.locator('[data-test=revoke]').click();
  await page.locator('[data-test=sure]').click();
  await page.locator('dialog [role=alert]').waitFor(); /* no revocation without a reason */
  await page.locator('[name=revoke-reason]').fill('U 盾遗失');
  await page.locator('[data-test=sure]').click();
  await page.locator('tr[data-cert=sun][data-state=revoked]').waitFor();
}

async function clients(h) {
  await people(h);
  const page = await h.as('sec');
  await page.goto(`${h.base}/admin/clients`);
  await page.locator('[data-test=new-client]').click();
  await page.locator('[name=id]').fill('old-gis');
  await page.locator('[name=name]').fill('旧地图系统');
  await page.locator('[name=urls]').fill('javascript:alert(1)');
  await page.locator('[data-test=save-client]').click();
  await page.locator('[data-test=client] [role=alert]').waitFor();
  await page.locator('[name=urls]').fill('https://gis.example/back');
  await page.locator('[data-test=save-client]').click();
  await reads(page.locator('[data-test=secret]'), /^[0-9a-f]{64}$/);
  await page.keyboard.press('Escape');
  await page.locator('[data-test=secret]').waitFor({ state: 'detached' });
  await page.locator('[name=name]').fill('一张图（旧）');
  await page.getByLabel('执法人员').check();
  await page.locator('[data-test=save-client]').click();
  await page.locator('tr[data-client=old-gis]', { hasText: '一张图（旧）' }).filter({ hasText: '执法人员' }).waitFor();
  await page.locator('[data-test=disable]').click();
  await page.locator('[data-test=sure]').click();
  await page.locator('tr[data-client=old-gis]', { hasText: '已停用' }).waitFor();
  await shot(page, 'clients');
  await page.locator('[data-test=enable]').click();
  await page.locator('tr[data-client=old-gis]', { hasText: '在用' }).waitFor();
}

async function choosePerson(page, name) {
  await page.locator('[name=to-whom]').fill(name);
  await page.locator('[role=option]', { hasText: name }).first().click();
}

/** A leader asks, the security administrator agrees; an officer lends his role for a week and takes it back. */
async function forATime(h) {
  await people(h);
  if (!h.people.has('boss')) await h.person('boss', '赵局', 'leader_city', null);
  const boss = await h.as('boss');
  await boss.goto(`${h.base}/me`);
  await boss.locator('[data-test=emergency-open]').click();
  await choosePerson(boss, '孙明');
  await boss.locator('[name=lend-role]').selectOption('monitor_eng');
  await boss.locator('[name=lend-reason]').fill('夜间泄漏，须看全市数据');
  await shot(boss, 'emergency-ask');
  await boss.locator('[data-test=lend-go]').click();
  await boss.locator('[data-asked=asked]').waitFor();
  const sec = await h.as('sec');
  await sec.goto(`${h.base}/admin/emergencies`);
  await sec.locator('[data-emergency=sun][data-state=asked] [data-test=agree]').click();
  await sec.locator('[data-test=sure]').click();
  await sec.locator('[data-emergency=sun][data-state=active]').waitFor();
  await shot(sec, 'emergencies');
  await sec.locator('[data-page=review]').click();
  /* A house of today has nothing of before the quarter; on the quarter's first night it may. */
  await sec.locator('[data-test=review]').locator('[data-test=blank], [data-test=keep]').first().waitFor();

  const sun = await h.as('sun');
  await sun.goto(`${h.base}/me`);
  await sun.locator('[data-asked=active]').waitFor();
  await sun.locator('[data-test=lend-open]').click();
  await choosePerson(sun, '何川');
  await sun.locator('[name=lend-role]').selectOption('enforce_officer');
  await sun.locator('[name=lend-to]').fill(new Date(Date.now() + 200 * 86_400_000).toISOString().slice(0, 10));
  await sun.locator('[name=lend-to]').blur();
  await sun.locator('[name=lend-reason]').fill('外出培训');
  await sun.locator('[data-test=lend-go]').click();
  await sun.locator('#lend [role=alert]').waitFor(); /* thirty days at most: the server says so */
  await sun.locator('[name=lend-to]').fill(new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10));
  await sun.locator('[name=lend-to]').blur();
  await sun.locator('[data-test=lend-go]').click();
  await sun.locator('[data-lent=enforce_officer]', { hasText: '有效' }).waitFor();
  await shot(sun, 'lent');
  await sun.locator('[data-test=end-lent]').click();
  await sun.locator('[data-test=sure]').click();
  await sun.locator('[data-lent=enforce_officer]', { hasText: '已结束' }).waitFor();
}

async function messages(h) {
  await people(h);
  for (const who of ['sun', 'lead']) await h.session(who);
  const { id } = await h.call('sun', 'POST', 'cases/penalty', {
    data: { title: '废水直排线索', admin_area: '320115', discovered_at: new Date().toISOString().slice(0, 10) },
  });
  await h.call('lead', 'POST', `cases/penalty/${id}/acts`, { act: 'urge', note: '尽快' });
  /* One notice by its name: others come as they like. */
  const notice = await until('the officer is told', async () =>
    (await h.call('sun', 'GET', 'inbox?limit=200')).items.find((n) => n.level === 'urge' && n.link.endsWith(id)),
  );
  const page = await h.as('sun');
  await page.goto(`${h.base}/work`);
  await page.locator('[data-test=all-messages]').click();
  const one = page.locator(`[data-notice="${notice.id}"]`, { hasText: '废水直排线索' });
  await one.waitFor();
  await one.locator('[data-test=accept]').click();
  await one.locator('.tag', { hasText: '已接手' }).waitFor();
  await page.locator('[name=quiet_from]').fill('25:00');
  await page.locator('[data-test=save-settings]').click();
  await page.locator('[data-test=settings] [role=alert]').waitFor();
  await page.locator('[name=mail]').fill('sun@nanjing.example');
  await page.locator('[name=quiet_from]').fill('22:00');
  await page.locator('[name=quiet_to]').fill('07:00');
  await page.locator('[data-test=save-settings]').click();
  await said(page);
  await shot(page, 'inbox');
  await page.reload();
  await page.waitForFunction(
    () =>
      document.querySelector('[name=quiet_from]')?.value === '22:00' &&
      document.querySelector('[name=mail]')?.value === 'sun@nanjing.example',
  );
  await unreadOnly(h, page, id);
}
/** Only what is unread: one that comes shows by itself, one that is read elsewhere goes, all read leave none. */
async function unreadOnly(h, page, kase) {
  await page.locator('[data-test=only-unread]').check();
  await h.call('lead', 'POST', `cases/penalty/${kase}/acts`, { act: 'urge', note: '再催一次' });
  const fresh = await until('he is urged again', async () =>
    (await h.call('sun', 'GET', 'inbox?unread=1&limit=200')).items.find(
      (n) => n.level === 'urge' && n.link.endsWith(kase),
    ),
  );
  const row = page.locator(`[data-notice="${fresh.id}"]`);
  await row.waitFor();
  await h.call('sun', 'POST', `inbox/${fresh.id}/read`, {});
  await row.waitFor({ state: 'detached' });
  /* Whatever else is unread by now is marked here; what comes meanwhile is marked with the next press. */
  const blank = page.locator('[data-test=inbox-room] [data-test=blank]');
  const mark = page.locator('[data-test=mark-all]:enabled');
  await until('nothing is left unread', async () => {
    await blank.or(mark).first().waitFor();
    if (await blank.count()) return true;
    await mark.click({ timeout: 5000 }).catch(() => undefined); /* it goes with the last of them */
    return false;
  });
  assert.equal(
    (await h.call('sun', 'GET', `inbox?limit=200`)).items.find((n) => n.id === fresh.id).read !== null,
    true,
  );
}

async function simulate(h) {
  await people(h);
  const page = await h.as('lead');
  await page.goto(`${h.base}/c/penalty`);
  await page.locator('[data-test=to-simulate]').click();
  await page.locator('[data-test=simulate] .told').waitFor();
  await page.locator('[data-test=clean]').waitFor();
  const first = page.locator('[data-people]').first();
  await first.fill('1');
  await page.locator('[data-days]').first().fill('9');
  await page.locator('[data-test=run]').click();
  await page.locator('[data-test=simulate] .told', { hasText: '人手不够' }).waitFor();
  await shot(page, 'simulate');
}

async function split(h) {
  await registry(h);
  const page = await h.as('wang');
  await page.goto(`${h.base}/r/discharger`);
  await page.locator('tr[data-id]').first().click();
  await page.locator('[data-test=split]').click();
  await page.locator('[data-test=split-go]').click();
  await page.locator('[data-test=split-form] [role=alert]').first().waitFor(); /* not without a reason */
  await page.locator('dialog [data-field=name] input').fill('拆出的分厂');
  await page.locator('[name=split-reason]').fill('两家误并为一家');
  await shot(page, 'split');
  const was = page.url();
  await page.locator('[data-test=split-go]').click();
  await page.locator('[data-test=record-title]', { hasText: '拆出的分厂' }).waitFor();
  assert.notEqual(page.url().split('?')[0], was.split('?')[0], 'it is a record of its own');
  await page.locator('[data-tab=relations]').click();
  await page.locator('[data-test=record] .card').first().waitFor();
}

export const journeys = [
  { name: 'trust: certificates', run: certificates },
  { name: 'trust: single sign-on', run: clients },
  { name: 'trust: roles for a time', run: forATime },
  { name: 'trust: messages', run: messages },
  { name: 'trust: a flow tried', run: simulate },
  { name: 'trust: a record split', run: split },
];
