// The law: found in Chinese, read as of a day, compared, counted with; a page that is not the administrator's.
// The numbers are those of the printed standards: GB 3838-2002 table 1, GB 3095-2012 and -2026 table 1, HJ 633-2026.
import { shot } from '../house.mjs';
import { people } from './people.mjs';

/** The page has answered the question that the address asks. */
const ready = (page, test, asked) => page.locator(`[data-test=${test}][data-done="${asked}"]`).waitFor();

async function find(h) {
  await people(h);
  const page = await h.as('sun');
  await page.goto(`${h.base}/law?day=2026-07-01`);
  await ready(page, 'law-find', '@2026-07-01');
  await page.locator('[data-standard="GB 3095-2026"][data-holds=true]').waitFor();
  await page.locator('[data-standard="GB 3095-2012"][data-holds=false]').waitFor();
  await shot(page, 'law');
  await page.locator('[name=law-q]').fill('总磷 III');
  await page.locator('[data-test=law-go]').click();
  await ready(page, 'law-find', '总磷 III@2026-07-01');
  await shot(page, 'law-found');
  await page.locator('[data-hit="limits/water-class"]', { hasText: '湖库' }).click();
  await page.locator('[data-test=law-row]', { hasText: '0.05' }).waitFor(); /* lakes and reservoirs, class III */
  /* A day before the new edition: the old number, and what the others say. */
  await page.goto(`${h.base}/law/t/limits/air-quality?day=2026-02-28&key=gb3095_2012%7Ca34004%7C2%7Cannual`);
  await page.locator('[data-test=law-row]', { hasText: 'GB 3095-2012' }).waitFor();
  await page.locator('[data-test=other]', { hasText: '2026-03-01 – 2030-12-31' }).filter({ hasText: '30' }).waitFor();
  await page.locator('[data-test=other]', { hasText: '2031-01-01' }).filter({ hasText: '25' }).waitFor();
  await shot(page, 'law-row');
  await page.locator('[data-test=to-diff]').waitFor();
  await page.goto(`${h.base}/law/diff?table=limits/air-quality&from=2026-02-28&to=2026-03-01`);
  await ready(page, 'law-diff', 'limits/air-quality@2026-02-28@2026-03-01');
  await page.locator('[data-change=changed]', { hasText: 'a34004' }).filter({ hasText: '2 · annual' }).waitFor();
  await shot(page, 'law-diff');
  await page.goto(`${h.base}/law/standard?number=GB%203095-2026&day=2026-07-01`);
  await ready(page, 'law-standard', 'GB 3095-2026@2026-07-01');
  await page.locator('[data-table="limits/air-quality"] summary').click();
  await page.locator('[data-table="limits/air-quality"] [data-test=rows]').waitFor();
  /* What was not read from the text itself says so. */
  await page.goto(`${h.base}/law/t/limits/groundwater?day=2026-07-01`);
  await page.locator('[data-test=rows] tbody tr').first().click();
  await page.locator('[data-test=unsure]').waitFor();
  /* Paid within 15 days from 20 September 2026: into the national holiday, so on the first day behind it. */
  await page.goto(`${h.base}/law/t/enforcement/deadlines?key=payment`);
  await page.locator('[name=deadline-from]').fill('2026-09-20');
  await page.locator('[name=deadline-from]').press('Tab');
  await page.locator('[data-test=reckon]').click();
  await page.locator('[data-test=due]', { hasText: '2026-10-05' }).filter({ hasText: '2026-10-08' }).waitFor();
}

async function calculate(h) {
  await people(h);
  const page = await h.as('sun', { lang: 'en', theme: 'dark' });
  await page.goto(`${h.base}/law/calc`);
  await page.locator('[name=calc-q]').fill('iaqi');
  await page.locator('[data-calc="air.iaqi"]').click();
  await page.locator('[data-name="air.iaqi"] [name=edition]').selectOption('2026');
  await page.locator('[name=item]').selectOption('pm25_24h');
  await page.locator('[data-test=run]').click();
  await page.locator('[data-test=calc-error][data-field=conc]').waitFor();
  await page.locator('[name=conc]').fill('60.5'); /* half to even: 60, the limit of 100 */
  await page.locator('[data-test=run]').click();
  await page.locator('[data-output=iaqi]', { hasText: /^\s*100\s*$/ }).waitFor();
  await page.locator('[name=conc]').fill('60.6'); /* 61 */
  await page.locator('[data-test=run]').click();
  await page.locator('[data-output=iaqi]', { hasText: /^\s*101\s*$/ }).waitFor();
  await shot(page, 'law-calc');
  /* Members of an object: five items of water, the worst decides. */
  await page.goto(`${h.base}/law/calc?name=water.class`);
  await page.locator('[data-name="water.class"] [name=waterbody]').selectOption('lake');
  await page.locator('[name="items.tp"]').fill('0.06');
  await page.locator('[name="items.do"]').fill('6.5');
  await page.locator('[data-test=run]').click();
  await page.locator('[data-output=class]', { hasText: /^\s*IV\s*$/ }).waitFor();
  await page.locator('[data-output=item_classes]', { hasText: 'II' }).waitFor();
  /* The basis leads to the standard. */
  await page.locator('[data-test=basis] a', { hasText: 'GB 3838-2002' }).click();
  await page.locator('[data-test=law-standard] h1', { hasText: 'GB 3838-2002' }).waitFor();
}

async function onAPhone(h) {
  await people(h);
  const page = await h.as('sun', { width: 390, height: 844, phone: true });
  await page.goto(`${h.base}/law?day=2026-07-01&q=${encodeURIComponent('噪声 夜间')}`);
  await ready(page, 'law-find', '噪声 夜间@2026-07-01');
  await shot(page, 'law-phone');
  await page.goto(`${h.base}/law/calc?name=tax.noise`);
  await page.locator('[name=exceed_db]').fill('5'); /* 4 to 6 dB: 700 yuan, half below 15 days */
  await page.locator('[name=days]').fill('14');
  await page.locator('[data-test=run]').click();
  await page.locator('[data-output=tax_yuan]', { hasText: /^\s*350\s*$/ }).waitFor();
  await shot(page, 'law-calc-phone');
  const sec = await h.as('sec');
  await sec.goto(`${h.base}/law`);
  await sec.locator('[data-test=not-found]', { hasText: '法规' }).waitFor(); /* has no business with it */
}

export const journeys = [
  { name: 'law: found, read, compared', run: find },
  { name: 'law: calculated', run: calculate },
  { name: 'law: on a phone', run: onAPhone },
];
