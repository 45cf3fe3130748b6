// Nothing that people, devices or files say is ever run: own strings through every text field to every place where it shows.
import assert from 'node:assert/strict';
import { createConnection } from 'node:net';
import { WAIT } from '../house.mjs';
import { people, png } from './people.mjs';

/** Each would set window.bitten, or break out of where it stands. Written for this product; none is longer than a short field. */
export const CORPUS = [
  '<script>bitten=1</script>',
  '<img src=x onerror=bitten=1>',
  '"><svg onload=bitten=1>',
  "'><b onmouseover=bitten=1>x",
  '<iframe srcdoc="<script>parent.bitten=1</script>">',
  'javascript:bitten=1',
  '{{constructor.constructor("bitten=1")()}}',
  '${bitten=1}',
  '</textarea><script>bitten=1</script>',
  '</title><script>bitten=1</script>',
  '<a href=javascript:bitten=1>x</a>',
  '<details open ontoggle=bitten=1>',
  '<math><mtext><style><img src onerror=bitten=1>',
  '\u003cimg src=x onerror=bitten=1\u003e',
  '<!--><img src=x onerror=bitten=1>-->',
  '<x onclick=bitten=1>x</x>',
  '&lt;script&gt;bitten=1&lt;/script&gt;',
  '<base href=//x.example/>',
  '<meta http-equiv=refresh content=0;url=javascript:bitten=1>',
  '<form action=javascript:bitten=1><button>x',
  '<object data=data:text/html,<script>bitten=1</script>>',
  '\u202e<img src=x onerror=bitten=1>',
  '%3Cscript%3Ebitten=1%3C/script%3E',
  '@import"//x.example/x.css";',
  'expression(bitten=1)',
];
const all = CORPUS.join(' ');
const short = (i, n) => CORPUS[i % CORPUS.length].slice(0, n);

/** Watches a page: anything that ran, any report of the policy, any element that a text has made. */
async function guard(page) {
  const bad = [];
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (e) => {
      (window.reports ??= []).push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`);
    });
  });
  page.on('dialog', (d) => {
    bad.push(`dialog ${d.message()}`);
    void d.dismiss();
  });
  return async (where) => {
    const seen = await page.evaluate(() => ({
      bitten: 'bitten' in window,
      reports: window.reports ?? [],
      made: [
        ...document.querySelectorAll(
          '#app script, #app iframe, #app object, #app base, #app meta, #app math, [onerror], [onload], [onmouseover], [ontoggle], [onclick], a[href^="javascript:"], form[action^="javascript:"], img[src$="/x"]',
        ),
      ].map((e) => e.outerHTML.slice(0, 120)),
    }));
    assert.equal(seen.bitten, false, `something ran at ${where}`);
    assert.deepEqual(seen.reports, [], `reports of the policy at ${where}`);
    assert.deepEqual(seen.made, [], `a text became elements at ${where}`);
    assert.deepEqual(bad, [], `a dialog at ${where}`);
  };
}

/** A value for a field of text, of the corpus; null: not a text. */
const poison = (f, i) =>
  ['text', 'longtext'].includes(f.type) && !f.compute && !f.pattern && !f.codes
    ? f.type === 'longtext'
      ? all.slice(0, Math.min(f.max ?? 2000, 1500))
      : short(i, Math.min(f.max ?? 60, 60))
    : null;

function crc16(text) {
  let crc = 0xffff;
  for (const b of Buffer.from(text, 'utf8')) {
    crc = (crc >> 8) ^ b;
    for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc.toString(16).toUpperCase().padStart(4, '0');
}
/** Frames of HJ 212 whose texts are of the corpus: MN, factor, information of a device. */
async function frames(port) {
  const compact = new Date(Date.now() + 8 * 3_600_000).toISOString().replace(/[-T:.Z]/g, '');
  for (const [i, mn] of ['XSS<img src=x onerror=bitten=1>', 'XSSDEVICE000000000000001'].entries())
    for (const text of CORPUS.filter((c) => !/[;,=&#]/.test(c)).concat('<b>x</b>', '<svg>')) {
      const data = `QN=${compact};ST=32;CN=${i ? 3020 : 2011};PW=123456;MN=${mn};Flag=5;CP=&&DataTime=${compact.slice(0, 14)};${i ? `PolId=w01018,i13201-Info=${text}` : `${text}-Rtd=1,${text}-Flag=N`}&&`;
      await new Promise((done) => {
        const s = createConnection({ host: '127.0.0.1', port }, () =>
          s.write(`##${String(Buffer.byteLength(data)).padStart(4, '0')}${data}${crc16(data)}\r\n`),
        );
        s.on('data', () => s.end());
        s.on('close', done);
        s.on('error', done);
        setTimeout(() => s.end(), 3000);
      });
    }
}

async function texts(h) {
  await people(h);
  for (const who of ['sys', 'sec', 'wang', 'sun', 'data']) await h.session(who);
  await h.person('duty', '<img src=x onerror=bitten=1>', 'duty_city', null).catch(() => undefined);
  const made = [];
  const places = ['/work', '/field', '/me'];
  /* Records of every type that somebody here may make, and changes of them. */
  for (const who of ['wang', 'sun', 'data']) {
    const { items } = await h.call(who, 'GET', 'types').then((r) => (Array.isArray(r) ? { items: r } : r));
    for (const t of items) {
      const type = await h.call(who, 'GET', `types/${t.id}`);
      const first = (await h.call(who, 'GET', `things/${t.id}?limit=1`)).items[0];
      const fields = Object.fromEntries(type.fields.map((f, i) => [f.id, poison(f, i)]).filter(([, v]) => v));
      const need = type.fields
        .filter((f) => f.required && !f.compute && fields[f.id] === undefined)
        .map((f) => [
          f.id,
          f.choices?.[0]?.code ??
            (f.type === 'date'
              ? '2026-11-20'
              : f.type === 'time'
                ? '2026-11-20T08:00:00+08:00'
                : f.type === 'area'
                  ? '320115'
                  : ['integer', 'number'].includes(f.type)
                    ? (f.min ?? 1)
                    : f.type === 'bool'
                      ? true
                      : undefined),
        ])
        .filter(([, v]) => v !== undefined);
      try {
        const r = type.may.includes('C')
          ? await h.call(who, 'POST', `things/${t.id}`, { fields: { ...Object.fromEntries(need), ...fields } })
          : null;
        if (r) made.push([who, `/r/${t.id}/${r.id}`], [who, `/r/${t.id}`], [who, `/r/${t.id}/${r.id}?tab=history`]);
        else if (first && type.may.includes('U')) {
          await h.call(who, 'PATCH', `things/${t.id}/${first.id}`, {
            fields,
            version: first.version,
            reason: CORPUS[1],
          });
          made.push([who, `/r/${t.id}/${first.id}`]);
        }
      } catch {
        /* a declaration refuses what is no such text; that is no place where it shows */
      }
    }
  }
  assert.ok(made.length >= 3, `only ${made.length} records took the texts`);
  /* A case: title, fields, notes, names of files, documents. */
  const { id } = await h.call('sun', 'POST', 'cases/penalty', {
    data: { title: short(1, 60), admin_area: '320115', discovered_at: '2026-11-20' },
    note: CORPUS[0],
  });
  const flow = await h.call('sun', 'GET', 'flows/penalty'),
    rec = await h.call('sun', 'GET', `types/${flow.record}`);
  for (const [i, f] of rec.fields.entries()) {
    const v = poison(f, i);
    if (v)
      await h
        .call('sun', 'POST', `cases/penalty/${id}/acts`, { act: 'save', data: { [f.id]: v } })
        .catch(() => undefined);
  }
  for (const c of CORPUS) await h.call('sun', 'POST', `cases/penalty/${id}/acts`, { act: 'comment', note: c });
  for (const [i, c] of CORPUS.slice(0, 10).entries())
    await h
      .call(
        'sun',
        'POST',
        `cases/penalty/${id}/files?kind=${encodeURIComponent(c.slice(0, 30))}&name=${encodeURIComponent(`${c.replace(/[\\/]/g, '')}.png`)}`,
        png(60 + i),
        'image/png',
      )
      .catch(() => undefined);
  await h
    .call('sun', 'POST', `cases/penalty/${id}/acts`, { act: 'link', kind: 'alarm', ref: CORPUS[1], title: CORPUS[2] })
    .catch(() => undefined);
  await h.call('sun', 'POST', `cases/penalty/${id}/acts`, { act: 'urge', note: CORPUS[3] }).catch(() => undefined);
  /* Devices, by import and by frames. */
  const port = Number(/HJ 212: (\d+)/.exec(h.said)?.[1] ?? 0);
  assert.ok(port > 0, 'the port of the gateway is known');
  await frames(port);
  made.push(
    ['sun', `/c/penalty/${id}`],
    ['sun', `/field/c/penalty/${id}`],
    ['sun', '/c/penalty'],
    ...places.map((p) => ['sun', p]),
    ['sun', `/work?q=${encodeURIComponent(CORPUS[1])}`],
    ['sun', `/r/${encodeURIComponent(CORPUS[1])}`],
    ['sun', `/c/penalty/${encodeURIComponent(CORPUS[1])}`],
    ['sun', '/devices'],
    ['sun', '/sites'],
    ['sun', '/alarms'],
  );
  let page = null,
    last = '',
    look = null;
  for (const [who, path] of made.sort((a, b) => (a[0] < b[0] ? -1 : 1))) {
    if (who !== last) {
      page = await h.page();
      page.allow = /status of (400|401|403|404|409|422)/;
      look = await guard(page);
      await h.signIn(page, who);
      last = who;
    }
    await page.goto(`${h.base}${path}`);
    await page.waitForLoadState('domcontentloaded');
    await page.waitForFunction(() => document.querySelector('#main')?.textContent.trim().length > 0, null, {
      timeout: WAIT,
    });
    await page.evaluate(() => new Promise((r) => requestIdleCallback(r, { timeout: 3000 })));
    /* Whatever opens on a click or a touch is looked at too: menus, folds, tips. */
    for (const b of await page.locator('#main summary, #main [aria-expanded=false]').all())
      await b.click({ timeout: 2000, force: true }).catch(() => undefined);
    await page.evaluate(() => {
      for (const e of document.querySelectorAll('#main *'))
        for (const t of ['mouseover', 'mouseenter', 'focus']) e.dispatchEvent(new Event(t));
    });
    await look(path);
  }
  /* Accounts, organisations, notices and the audit show names as they are. */
  const sys = await h.page();
  look = await guard(sys);
  await h
    .call('sys', 'POST', 'orgs', { name: short(2, 60), kind: 'district', areas: ['320115'] })
    .catch(() => undefined);
  await h.signIn(sys, 'sys');
  for (const [path, there] of [
    ['/admin/accounts', '[data-test=accounts] tbody tr'],
    ['/admin/orgs', '[data-org]'],
  ]) {
    await sys.goto(`${h.base}${path}`);
    await sys.locator(there).first().waitFor();
    await look(path);
  }
  const aud = await h.page();
  look = await guard(aud);
  await h.signIn(aud, 'aud');
  await aud.goto(`${h.base}/admin/audit`);
  await aud.locator('tr[data-seq]').first().waitFor();
  await look('/admin/audit');
  const pub = await h.page();
  look = await guard(pub);
  await pub.goto(`${h.base}/portal?x=${encodeURIComponent(CORPUS[0])}#${encodeURIComponent(CORPUS[1])}`);
  await pub.waitForSelector('[data-test=portal]');
  await look('/portal');
  await pub.goto(`${h.base}/signin?to=${encodeURIComponent('javascript:bitten=1')}`);
  await pub.waitForSelector('[name=login]');
  await look('/signin');
}

export const journeys = [{ name: 'safety: texts run nowhere', run: texts }];
