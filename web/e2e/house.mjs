// A house of our own for the journeys that need accounts: a real `shanshui serve` in a folder that goes away, three
// administrators with one-time codes, people with roles, and a browser in which each of them signs in.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { chromium } from 'playwright-core';

export const WAIT = Number(process.env.E2E_WAIT ?? 180_000);
export const ADMINS = {
  sys: ['admin_system', '甲', 'Rui-Xue-2026-Feng!Nian'],
  sec: ['admin_security', '乙', 'Hai-Na-2026-Bai!Chuan'],
  aud: ['admin_audit', '丙', 'Tian-Dao-2026-Chou!Qin'],
};
const OWN = 'Own-Vlk9Bdm-2!';
export const out = fileURLToPath(new URL('./out/', import.meta.url));

/** The code of now by RFC 6238, worked out here and not by the program under test. */
export function totp(secret, at = Date.now()) {
  const bits = [...secret.replace(/[\s=]/g, '')]
    .map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = createHmac('sha1', key).update(step).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/* --- looking: never once at what may come later ------------------------------------------------- */

const shown = (x) => (typeof x === 'string' ? x : JSON.stringify(x))?.replace(/\s+/g, ' ').slice(0, 600);
/** Asks until `right` says so of the answer, and gives that; at the end of patience it tells what was answered last. */
export async function until(what, ask, right = Boolean) {
  let last;
  for (const end = Date.now() + WAIT * 2; ; await new Promise((r) => setTimeout(r, 200))) {
    try {
      last = await ask();
      if (right(last)) return last;
    } catch (e) {
      /* Looked at while the page drew itself anew. */
      if (!/context was destroyed|not attached|detached/i.test(e.message)) throw e;
    }
    if (Date.now() > end) throw new Error(`never: ${what}; at last: ${shown(last)}`);
  }
}
/** The words that an element shows, once they fit. */
export const reads = (locator, want, what = '') =>
  until(
    `${what || locator} reads ${want}`,
    () => locator.innerText(),
    (t) => want.test(t),
  );
/** As many of them as are meant, and their words the meant ones. */
export const counts = (locator, n, what = '') =>
  until(
    `${what || locator}: ${n} of them`,
    () => locator.count(),
    (x) => x === n,
  );
export const lists = (locator, want, what = '') =>
  until(
    `${what || locator} is ${want}`,
    () => locator.allInnerTexts(),
    (x) => isDeepStrictEqual(x, want),
  );
/** At least one, and every one fits. */
export const allRead = (locator, want, what = '') =>
  until(
    `${what || locator}: each reads ${want}`,
    () => locator.allInnerTexts(),
    (l) => l.length > 0 && l.every((t) => want.test(t)),
  );

/** Where a page stands and what it shows, short, for whoever reads of a failure in a log that is cut. */
export async function tells(page) {
  const text = await Promise.race([
    page
      .evaluate(() => (document.querySelector('dialog[open]') ?? document.body)?.innerText ?? '')
      .catch((e) => e.message),
    new Promise((r) => setTimeout(r, 10_000, '(it does not answer)')),
  ]);
  const words = text
    .split('\n')
    .map((z) => z.trim())
    .filter(Boolean)
    .join(' | ');
  return `at ${page.url()}\n  it shows: ${words.slice(0, 900) || '(nothing)'}`;
}
/** What goes wrong in `run` is thrown on with what the page shows: for pages that are closed before the failure is told. */
export async function telling(page, run) {
  try {
    return await run();
  } catch (e) {
    e.told = [...(e.told ?? []), await tells(typeof page === 'function' ? page() : page)];
    throw e;
  }
}

export class House {
  people = new Map();
  problems = [];

  /** bin: the program; extra: more arguments of serve. */
  static async open({ bin, root, chromiumPath, extra = [] }) {
    const h = Object.assign(new House(), { bin, root, chromiumPath });
    h.dir = mkdtempSync(join(tmpdir(), 'shanshui-e2e-'));
    mkdirSync(out, { recursive: true });
    let said = '';
    h.log = '';
    h.serve = spawn(
      bin,
      [
        'serve',
        '--data',
        join(h.dir, 'house'),
        '--http',
        '127.0.0.1:0',
        '--hj212',
        '127.0.0.1:0',
        '--http.web',
        join(root, 'web/dist'),
        ...extra,
      ],
      { cwd: root },
    );
    h.serve.stderr.on('data', (d) => {
      h.log = (h.log + d).slice(-20_000);
    });
    h.base = await new Promise((done, fail) => {
      h.serve.stdout.on('data', (d) => {
        said += d;
        h.said = said;
        const m = /(http:\/\/[0-9.:]+)/.exec(said);
        if (m && said.includes('就绪')) done(m[1]);
      });
      h.serve.on('exit', (code) => fail(new Error(`serve ended with ${code}: ${h.log}`)));
      setTimeout(() => fail(new Error(`serve was not ready: ${said} ${h.log}`)), WAIT).unref();
    });
    h.browser = await chromium.launch({
      executablePath: chromiumPath,
      args: ['--no-sandbox', '--disable-gpu', '--enable-unsafe-swiftshader'],
    });
    return h;
  }

  token() {
    return readFileSync(join(this.dir, 'house', 'setup.token'), 'utf8').trim();
  }

  async close() {
    await this.browser?.close();
    this.serve?.removeAllListeners('exit');
    if (this.serve?.exitCode === null)
      await new Promise((done) => {
        this.serve.on('exit', done);
        this.serve.kill();
      });
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** A page of its own with nobody signed in. */
  async page({ width = 1440, height = 900, theme = 'light', lang = 'zh', phone = false } = {}) {
    const context = await this.browser.newContext({
      viewport: { width, height },
      locale: 'zh-CN',
      timezoneId: 'Asia/Shanghai',
      acceptDownloads: true,
      ...(phone ? { hasTouch: true, isMobile: true, deviceScaleFactor: 2 } : {}),
    });
    await context.addInitScript(
      ([t, l]) => {
        if (!localStorage.getItem('shanshui.theme')) localStorage.setItem('shanshui.theme', t);
        if (!localStorage.getItem('shanshui.lang')) localStorage.setItem('shanshui.lang', l);
        addEventListener('securitypolicyviolation', (e) => console.error(`CSP ${e.violatedDirective} ${e.blockedURI}`));
      },
      [theme, lang],
    );
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT);
    page.allow = /status of (400|401|403|409|422)/; /* refusals that a journey asks for are looked at by that journey */
    page.on('console', (m) => {
      if (
        m.type() === 'error' &&
        !/GPU stall|swiftshader|software WebGL|GroupMarkerNotSet/i.test(m.text()) &&
        !page.allow.test(m.text())
      )
        this.problems.push(`console: ${m.text()} ${m.location().url} (${page.url()})`);
    });
    page.on('pageerror', (e) => this.problems.push(`page error: ${e.message} (${page.url()})`));
    page.on('request', (r) => {
      const u = r.url();
      if (!u.startsWith(this.base) && !/^(blob|data):/.test(u)) this.problems.push(`request off the host: ${u}`);
    });
    return page;
  }

  /** A page where somebody signs in by the form. */
  async as(login, opt = {}) {
    const page = await this.page(opt);
    await this.signIn(page, login);
    return page;
  }

  async signIn(page, login, to = '') {
    const p = this.people.get(login);
    await page.goto(`${this.base}/signin${to ? `?to=${encodeURIComponent(to)}` : ''}`);
    const inside = page.waitForURL((u) => !u.pathname.startsWith('/signin')).then(() => true);
    inside.catch(() => {});
    await page.locator('[name=login]').fill(login);
    await page.locator('[name=password]').fill(p.password);
    /* On a slow machine a code may be old before it arrives: shown anew, as a person would, but not for ever. */
    for (let left = p.secret ? 3 : 1; ; left--) {
      if (p.secret) {
        await this.freshCode(p);
        await page.locator('[name=code]').fill(totp(p.secret));
      }
      await page.locator('form button[type=submit]').click();
      const alert = page.locator('form:has([name=login]) [role=alert]');
      const refused = alert.waitFor().then(() => false);
      refused.catch(() => {});
      if (await Promise.race([inside, refused])) return;
      if (left === 1) throw new Error(`${login} was not let in: ${await alert.innerText()}`);
    }
  }

  /** A code is good once: the next one is waited for where this one was used. */
  async freshCode(p) {
    while (p.used === Math.floor(Date.now() / 30_000)) await new Promise((r) => setTimeout(r, 500));
    p.used = Math.floor(Date.now() / 30_000);
  }

  /* --- the same by the API, for people whom a journey needs but is not about --- */

  async call(login, method, path, body, type = 'application/json') {
    const p = this.people.get(login) ?? {};
    /* Each on a connection of its own: one that lay idle may be closed by the server just now, and an act asked for twice is done twice. */
    const ask = () =>
      fetch(`${this.base}/api/v1/${path}`, {
        method,
        headers: {
          connection: 'close',
          ...(body === undefined ? {} : { 'content-type': type }),
          ...(p.cookie ? { cookie: p.cookie } : {}),
          ...(p.csrf ? { 'x-csrf-token': p.csrf } : {}),
        },
        ...(body === undefined ? {} : { body: type === 'application/json' ? JSON.stringify(body) : body }),
      });
    const r = await ask();
    if (r.status === 403 && p.secret && (await r.clone().json()).code === 'SS_ESTEPUP') {
      /* the second factor is too old */
      await this.freshCode(p);
      await this.call(login, 'POST', 'session/step-up', { code: totp(p.secret) });
      return this.call(login, method, path, body, type);
    }
    const set = r.headers
      .getSetCookie?.()
      .map((c) => c.split(';')[0])
      .join('; ');
    if (set && p) p.cookie = set;
    const text = await r.text();
    assert.ok(r.ok, `${login} ${method} ${path} answered ${r.status}: ${text}`);
    return text ? JSON.parse(text) : null;
  }
  async session(login) {
    const p = this.people.get(login);
    if (p.secret) await this.freshCode(p);
    p.cookie = '';
    await this.call(login, 'POST', 'session', {
      login,
      password: p.password,
      ...(p.secret ? { code: totp(p.secret) } : {}),
    });
    p.csrf = (await this.call(login, 'GET', 'session')).csrf;
  }
  async three() {
    await this.call('', 'POST', 'setup', {
      token: this.token(),
      admins: Object.entries(ADMINS).map(([login, [role, name, password]]) => ({ role, login, name, password })),
    });
    for (const [login, [, , password]] of Object.entries(ADMINS)) {
      const p = { password };
      this.people.set(login, p);
      await this.session(login);
      const secret = (await this.call(login, 'POST', 'session/totp')).secret;
      await this.call(login, 'PUT', 'session/totp', { code: totp(secret) });
      p.secret = secret;
      p.used = Math.floor(Date.now() / 30_000);
      p.csrf = (await this.call(login, 'GET', 'session')).csrf;
    }
  }
  async person(login, name, role, areas, more = {}) {
    const { id } = await this.call('sys', 'POST', 'users', { login, name, password: 'Temp-Qwx7Zk-1!', ...more });
    await this.call('sec', 'POST', 'assignments', { user: id, role, reason: '验收', ...(areas ? { areas } : {}) });
    this.people.set(login, { id, password: 'Temp-Qwx7Zk-1!' });
    await this.session(login);
    await this.call(login, 'PUT', 'session/password', { old: 'Temp-Qwx7Zk-1!', new: OWN });
    this.people.get(login).password = OWN;
    await this.session(login);
    return id;
  }
}

/** What a date field with a clock shows: "2026-11-27T09:30". */
export const when = async (field) =>
  `${await field.locator('input').first().inputValue()}T${await field.locator('.hm').inputValue()}`;
/** Types a day and a clock into it; both count when they are left. */
export async function setWhen(field, to) {
  for (const [at, words] of [
    ['input:not(.hm)', to.slice(0, 10)],
    ['.hm', to.slice(11, 16)],
  ]) {
    await field.locator(at).fill(words);
    await field.locator(at).press('Tab');
  }
}
export const shot = (page, name) => page.screenshot({ path: `${out}${name}.png` });
