// Every page in both themes by axe-core: WCAG 2.1 A and AA, nothing let off.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { people, png, registry } from './people.mjs';

const AXE = readFileSync(fileURLToPath(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url)), 'utf8');

async function found(page, where) {
  /* By the debugger, as the page's own policy allows no foreign script. */
  await page.evaluate(AXE);
  /* Colours halfway through a change of theme are nobody's choice. */
  await page.evaluate(() =>
    document
      .getAnimations()
      .forEach((a) => (a.effect?.getComputedTiming().iterations === Infinity ? a.cancel() : a.finish())),
  );
  const { violations } = await page.evaluate(() =>
    window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations'] }),
  );
  return violations.map(
    (v) =>
      `${where}: ${v.id} (${v.impact}) ${v.nodes
        .slice(0, 3)
        .map((n) => `${n.target.join(' ')} ${n.any[0]?.message ?? n.all[0]?.message ?? ''}`)
        .join(' | ')}`,
  );
}

async function pages(h) {
  await registry(h);
  for (const who of ['sun', 'wang']) await h.session(who);
  const { id } = await h.call('sun', 'POST', 'cases/penalty', {
    data: { title: '无障碍走查', admin_area: '320115', discovered_at: '2026-11-20' },
  });
  await h.call('sun', 'POST', `cases/penalty/${id}/files?kind=photo&name=a.png`, png(90), 'image/png');
  const one = (await h.call('wang', 'GET', 'things/discharger?limit=1')).items[0].id;
  const of = {
    '': ['/portal', '/signin'],
    sun: [
      '/work',
      '/field',
      `/field/c/penalty/${id}`,
      '/field/new/penalty',
      '/field/owed',
      '/c/penalty',
      `/c/penalty/${id}`,
      '/alarms',
      '/map',
      '/sites',
      '/devices',
      '/sheet',
      '/me',
      '/desk',
      '/desk/roster',
      '/desk/handover',
      '/inbox',
      '/situation',
      '/law?day=2026-07-01',
      '/law/t/limits/air-quality',
      '/law/calc?name=air.iaqi',
      '/charts/gallery',
      '/charts/build',
      '/charts/datasets',
      '/charts/analysis',
      '/screens',
      '/nothing-here',
    ],
    wang: ['/r/discharger', `/r/discharger/${one}`],
    sys: ['/admin/accounts', '/admin/orgs'],
    sec: [
      '/admin/grants',
      '/admin/matrix',
      '/admin/tokens',
      '/admin/certs',
      '/admin/clients',
      '/admin/emergencies',
      '/admin/review',
    ],
    aud: ['/admin/audit'],
  };
  const bad = [];
  for (const [who, paths] of Object.entries(of)) {
    const page = await h.page();
    page.allow = /status of (400|401|403|404|409)/;
    if (who) await h.signIn(page, who);
    for (const path of paths) {
      await page.goto(`${h.base}${path}`);
      await page.waitForFunction(() => (document.querySelector('main')?.textContent.trim().length ?? 0) > 0);
      /* The same page in both themes: what differs is colour, and colours hang on the one attribute. */
      for (const theme of ['light', 'dark']) {
        await page.evaluate((t) => document.documentElement.setAttribute('data-theme', t), theme);
        await page.evaluate(() => new Promise((r) => requestIdleCallback(r, { timeout: 5000 })));
        bad.push(...(await found(page, `${theme} ${path}`)));
      }
    }
    await page.context().close();
  }
  assert.deepEqual(bad, [], bad.join('\n'));
}

export const journeys = [{ name: 'axe: every page', run: pages }];
