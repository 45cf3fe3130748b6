// First start, the three administrators and their pages, the own account.
import assert from 'node:assert/strict';
import { ADMINS, allRead, counts, lists, reads, shot, totp, until } from '../house.mjs';

const rail = (page) => page.locator('nav.rail a .label');
const tabs = (page) => page.locator('.tabs a');

/** The empty house: one-time token, three people, each must set up codes by the QR page. */
async function setup(h) {
  const page = await h.page();
  await page.goto(`${h.base}/admin`);
  await page.locator('[data-test=setup]').waitFor();
  await page.locator('[name=token]').fill(h.token());
  for (const [login, [role, name, password]] of Object.entries(ADMINS)) {
    const f = page.locator(`fieldset[data-role=${role}]`);
    await f.locator('[name=login]').fill(login);
    await f.locator('[name=name]').fill(name);
    await f.locator('[name=password]').fill(password);
  }
  await shot(page, 'setup');
  await page.locator('[data-test=setup-go]').click();
  await page.waitForURL(/signin/);
  for (const [login, [, , password]] of Object.entries(ADMINS)) {
    h.people.set(login, { password });
    await page.locator('[name=login]').fill(login);
    await page.locator('[name=password]').fill(password);
    await page.locator('form button[type=submit]').click();
    await page.locator('svg.qr').waitFor();
    const secret = (await reads(page.locator('output.secret'), /\w/)).replace(/\s/g, '');
    if (login === 'sys') await shot(page, 'signin-totp');
    await page.locator('[name=code]').fill(totp(secret));
    Object.assign(h.people.get(login), { secret, used: Math.floor(Date.now() / 30_000) });
    await page.locator('form button[type=submit]').click();
    await page.waitForURL(/\/admin/);
    await page.locator('[data-test=admin]').waitFor();
    await page.locator('[data-test=mine]').click();
    await page.locator('[data-test=leave]').click();
    await page.waitForURL(/signin/);
    await page.locator('[name=login]').waitFor();
  }
}

async function system(h) {
  const page = await h.as('sys');
  await page.locator('[data-test=accounts]').waitFor();
  await lists(rail(page), ['管理'], 'what the system administrator sees (administration only)');
  await lists(tabs(page), ['账号', '组织']);
  await page.locator('[data-page=orgs]').click();
  await page.locator('[data-test=blank]').waitFor();
  await shot(page, 'orgs-empty');
  for (const [name, kind, parent] of [
    ['南京市生态环境局', 'city', ''],
    ['法规处', 'dept', '南京市生态环境局'],
    ['江宁派出局', 'district', '南京市生态环境局'],
  ]) {
    await page.locator('[data-test=new-org]').click();
    await page.locator('[name=name]').fill(name);
    await page.locator('[name=kind]').selectOption(kind);
    if (parent) await page.locator('[name=parent]').selectOption({ label: parent });
    if (kind === 'district') await page.getByLabel('江宁区').check();
    await page.locator('[data-test=save-org]').click();
    await page.locator(`[data-org="${name}"]`).waitFor();
  }
  await shot(page, 'orgs');
  await page.locator('[data-page=accounts]').click();
  await page.locator('[data-test=new-user]').click();
  await page.locator('[name=login]').fill('wuxiao');
  await page.locator('[name=name]').fill('吴晓');
  await page.locator('[name=org]').selectOption({ label: '江宁派出局' });
  await page.locator('[name=phone]').fill('13912345678');
  await page.locator('[name=password]').fill('short');
  await page.locator('[data-test=save-user]').click();
  await reads(page.locator('.right [role=alert]'), /口令/, 'the refusal of the server, at the form,');
  await page.locator('[data-test=generate]').click();
  await shot(page, 'accounts-new');
  await page.locator('[data-test=save-user]').click();
  const temp = await reads(page.locator('[data-test=temp]'), /^\S{12,}$/);
  h.people.set('wuxiao', { password: temp });
  await reads(page.locator('[data-test=account]'), /139\*\*\*\*5678/, 'the account (its phone masked)');
  await shot(page, 'accounts');
  /* Locked and unlocked again. */
  await page.locator('[data-test=lock]').click();
  await page.locator('[data-test=sure]').click();
  await page.locator('[data-test=unlock]').click();
  await page.locator('[data-test=lock]').waitFor();
  await page.goto(`${h.base}/admin/audit`);
  await page.locator('[data-test=accounts]').waitFor(); /* what is not his is not reached by its address either */
  await page.goto(`${h.base}/map`);
  await page.locator('[data-test=not-found]', { hasText: '需要「一张图」的查看权限' }).waitFor();
  await shot(page, 'no-right');
}

async function security(h) {
  const page = await h.as('sec');
  await page.locator('[data-test=admin]').waitFor();
  await lists(tabs(page), ['账号', '授权', '角色权限', '季度复核', '应急授权', '接口令牌', '证书', '单点登录', '组织']);
  await page.locator('[data-page=grants]').click();
  await page.locator('[data-test=new-grant]').click();
  await page.locator('[data-test=save-grant]').click();
  await reads(page.locator('.right [role=alert]'), /请选人/);
  await page.locator('[name=user]').selectOption({ label: '吴晓 wuxiao' });
  await page.locator('[name=role]').selectOption('enforce_officer');
  await page.getByLabel('江宁区').check();
  await page.locator('[name=reason]').fill('江宁执法一队');
  await shot(page, 'grants-new');
  await page.locator('[data-test=save-grant]').click();
  await reads(page.locator('[data-grant="wuxiao:enforce_officer"]'), /江宁区/);
  /* The separation of duties is the server's; its words stand on the page. */
  await page.locator('[data-test=new-grant]').click();
  await page.locator('[name=user]').selectOption({ label: '甲 sys' });
  await page.locator('[name=role]').selectOption('leader_city');
  await page.locator('[name=reason]').fill('试一试');
  await page.locator('[data-test=save-grant]').click();
  await page.locator('.right [role=alert]').waitFor();
  await shot(page, 'grants-refused');
  await page.locator('[data-page=matrix]').click();
  await page.locator('[data-test=matrix] tbody tr').first().waitFor();
  await shot(page, 'matrix');
  const cells = page.locator('tbody tr', { hasText: '看站点' }).locator('td');
  await until('many roles read sites', async () => (await cells.filter({ hasText: '●' }).count()) > 5);
  await page.locator('[data-role=leader_city]').click();
  await page.locator('[data-role=duty_city]').click();
  await until(
    'the difference has what one of the two may, and not what both may',
    () => page.locator('[data-test=matrix] tbody').innerText(),
    (t) => /办理业务/.test(t) && !/看站点/.test(t),
  );
  await page.locator('[data-page=tokens]').click();
  await page.locator('[data-test=new-token]').click();
  await page.locator('[name=name]').fill('报送程序');
  await page.locator('[name=user]').selectOption({ label: '吴晓 wuxiao' });
  await page.getByLabel('看站点').check();
  await page.locator('[data-test=save-token]').click();
  await reads(page.locator('[data-test=secret]'), /^sst_/);
  await shot(page, 'tokens');
}

async function auditor(h) {
  const page = await h.as('aud');
  await page.locator('[data-test=admin]').waitFor();
  await lists(tabs(page), ['账号', '角色权限', '应急授权', '证书', '单点登录', '组织', '审计']);
  await page.locator('[data-test=accounts] tbody tr').first().waitFor();
  assert.equal(await page.locator('[data-test=new-user]').count(), 0, 'the audit administrator makes nothing');
  await page.locator('[data-page=audit]').click();
  await page.locator('tr[data-seq]').first().waitFor();
  await page.locator('[data-test=action]').fill('role.grant');
  await page.locator('[data-test=outcome]').selectOption('denied');
  await page.locator('[data-test=search]').click();
  /* What was asked for, and nothing of before. */
  await allRead(page.locator('tr[data-seq]'), /授予与收回角色[\s\S]*拒/);
  await page.locator('tr[data-seq]').first().click();
  await reads(page.locator('[data-test=audit-row]'), /leader_city[\s\S]*试一试/, 'the refused grant with its reason');
  await page.locator('[data-test=verify]').click();
  await reads(page.locator('[data-test=report]'), /完好：核验 \d+ 行/);
  await shot(page, 'audit');
}

async function own(h) {
  const page = await h.page();
  await page.goto(`${h.base}/me`);
  await page.locator('[name=login]').fill('wuxiao');
  await page.locator('[name=password]').fill(h.people.get('wuxiao').password);
  await page.locator('form button[type=submit]').click();
  const fields = page.locator('form input[type=password]');
  await fields.nth(2).waitFor();
  await fields.nth(0).fill(h.people.get('wuxiao').password);
  await fields.nth(1).fill('Own-Vlk9Bdm-2!');
  await fields.nth(2).fill('Own-Vlk9Bdm-2!');
  await page.locator('form button[type=submit]').click();
  h.people.get('wuxiao').password = 'Own-Vlk9Bdm-2!';
  await reads(page.locator('[data-test=me]'), /执法人员\s*江宁区/);
  await page.locator('[data-test=totp]').click();
  const secret = (await reads(page.locator('[data-test=secret]'), /\w/)).replace(/\s/g, '');
  await page.locator('[name=code]').fill('000000');
  await page.locator('[data-test=confirm]').click();
  await page.locator('[role=alert]').waitFor();
  await until('the wrong code is out of its field', async () => !(await page.locator('[name=code]').inputValue()));
  await shot(page, 'me');
  await page.locator('[name=code]').fill(totp(secret));
  await page.locator('[data-test=confirm]').click();
  await page.locator('[data-test=said]').waitFor();
  Object.assign(h.people.get('wuxiao'), { secret, used: Math.floor(Date.now() / 30_000) });
  const other = await h.as('wuxiao');
  await page.reload();
  await page.locator('.sess li').nth(1).waitFor();
  await page.locator('[data-test=everywhere]').click();
  await page.locator('[data-test=sure]').click();
  await page.waitForURL(/signin/);
  await other.goto(`${h.base}/me`).catch(() => undefined); /* it may be on its way to the sign-in by itself */
  await other.waitForURL(/signin/);
}

async function english(h) {
  const page = await h.as('sec', { lang: 'en', theme: 'dark' });
  await page.locator('[data-page=matrix]').click();
  await page.locator('[data-test=matrix] tbody tr').first().waitFor();
  await until(
    'the English view has no Chinese but glyphs and names',
    async () =>
      (await page.locator('body').innerText())
        .match(/[\u4e00-\u9fff]+/g)
        ?.filter((w) => !['中', '管', '乙', '警', '图', '单', '疑', '站', '机', '台'].includes(w)) ?? [],
    (l) => !l.length,
  );
  await shot(page, 'matrix-en-dark');
}

export const journeys = [
  { name: 'admin: first start', run: setup, always: true },
  { name: 'admin: system administrator', run: system, always: true },
  { name: 'admin: security administrator', run: security, always: true },
  { name: 'admin: audit administrator', run: auditor },
  { name: 'admin: own account', run: own },
  { name: 'admin: in English', run: english },
];
