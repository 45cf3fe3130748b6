// Journeys of the people who administer, keep records and work on cases, each signed in, against a server of their own.
//   npm run e2e:kernel -- [--bin ../build/shanshui] [--chromium /usr/bin/chromium] [--only admin,records]
// Exit: 0 passed, 1 failed, 77 a journey could not run (the reason is printed).
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { House, tells } from './house.mjs';
import * as admin from './journeys/admin.mjs';
import * as axe from './journeys/axe.mjs';
import * as cases from './journeys/cases.mjs';
import * as field from './journeys/field.mjs';
import * as law from './journeys/law.mjs';
import * as live from './journeys/live.mjs';
import * as trust from './journeys/trust.mjs';
import * as desk from './journeys/desk.mjs';
import * as records from './journeys/records.mjs';
import * as safety from './journeys/safety.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { values: opt } = parseArgs({
  options: {
    bin: { type: 'string', default: `${root}build/shanshui` },
    chromium: { type: 'string', default: '/usr/bin/chromium' },
    only: { type: 'string' },
  },
});
for (const f of [opt.bin, opt.chromium]) {
  if (existsSync(f)) continue;
  console.log(`not run: ${f} is not there`);
  process.exit(77);
}
const journeys = [
  ...admin.journeys,
  ...records.journeys,
  ...cases.journeys,
  ...live.journeys,
  ...trust.journeys,
  ...law.journeys,
  ...desk.journeys,
  ...field.journeys,
  ...safety.journeys,
  ...axe.journeys,
];
const wanted = opt.only?.split(',');
const failures = [];
/** What went wrong, where, and what was there to be seen: short, as logs are cut. */
async function tell(name, e) {
  const told = [...(e.told ?? [])];
  for (const c of house.browser.contexts()) for (const p of c.pages()) told.push(await tells(p));
  if (house.serve.exitCode !== null || house.serve.signalCode)
    told.push(`the server has ended (${house.serve.exitCode ?? house.serve.signalCode}): ${house.log.slice(-600)}`);
  const why = String(e.message ?? e)
    .split('\n')
    .slice(0, 6)
    .join('\n  ')
    .slice(0, 1200);
  return [`FAILED  ${name}: ${why}`, ...told].join('\n  ');
}
const house = await House.open({ bin: opt.bin, root, chromiumPath: opt.chromium });
try {
  for (const { name, run, always } of journeys) {
    if (wanted && !wanted.some((w) => name.includes(w))) continue;
    const before = house.problems.length;
    const start = Date.now();
    try {
      await run(house);
      const news = house.problems.slice(before);
      if (news.length) throw new Error(news.join('\n'));
      console.log(`passed  ${name}  ${((Date.now() - start) / 1000).toFixed(1)} s`);
    } catch (e) {
      failures.push(await tell(name, e));
      console.log(
        `${failures.at(-1)}\n  ${e.stack
          ?.split('\n')
          .filter((z) => /e2e/.test(z))
          .join('\n  ')}`,
      );
      for (const [i, c] of house.browser.contexts().entries())
        for (const p of c.pages())
          await p
            .screenshot({
              path: fileURLToPath(new URL(`./out/failed-${name.replace(/\W+/g, '-')}-${i}.png`, import.meta.url)),
            })
            .catch(() => {});
      if (always) break;
    }
    for (const c of house.browser.contexts())
      await c.close().catch(() => {}); /* a browser that died is told of above */
  }
} finally {
  await house.close();
}
/* Once more at the end, where the tail of a log has it. */
for (const f of failures) console.log(f);
console.log(failures.length ? `${failures.length} failed` : 'all passed');
process.exit(failures.length ? 1 : 0);
