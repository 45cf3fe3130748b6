// A phone for the journeys of the field: a browser of its own with a profile that outlives it, and a way to the server
// that can be cut, or lose every answer on its way back.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { WAIT } from './house.mjs';

/** mode: pass; cut: nothing gets through; swallow: what is sent arrives and is done, but no answer to an act comes back. */
export class Way {
  mode = 'pass';
  sockets = new Set();
  acts = 0;

  static async open(target) {
    const w = new Way(),
      to = new URL(target);
    w.server = http.createServer((q, r) => {
      if (w.mode === 'cut') {
        q.socket.destroy();
        return;
      }
      const act = q.method !== 'GET' && /\/(cases|things)\//.test(q.url);
      const up = http.request(
        { host: to.hostname, port: to.port, method: q.method, path: q.url, headers: q.headers },
        (a) => {
          if (act) w.acts++;
          if (w.mode === 'cut' || (w.mode === 'swallow' && act)) {
            a.resume();
            a.on('end', () => q.socket.destroy());
            return;
          }
          r.writeHead(a.statusCode, a.headers);
          a.pipe(r);
          r.on('close', () => a.destroy());
        },
      );
      up.on('error', () => q.socket.destroy());
      q.pipe(up);
    });
    w.server.on('connection', (s) => {
      w.sockets.add(s);
      s.on('close', () => w.sockets.delete(s));
    });
    await new Promise((done) => w.server.listen(0, '127.0.0.1', done));
    w.base = `http://127.0.0.1:${w.server.address().port}`;
    return w;
  }
  set(mode) {
    this.mode = mode;
    for (const s of this.sockets) s.destroy();
  }
  async close() {
    this.set('cut');
    await new Promise((done) => this.server.close(done));
  }
}

export class Phone {
  /** bin: of Chromium; way: what it reaches the server by; problems: where what goes wrong is told. */
  static async open(bin, way, problems) {
    const p = new Phone();
    Object.assign(p, { bin, way, problems, dir: mkdtempSync(join(tmpdir(), 'shanshui-phone-')) });
    await p.start();
    return p;
  }
  async start() {
    rmSync(join(this.dir, 'DevToolsActivePort'), { force: true });
    this.process = spawn(
      this.bin,
      [
        '--headless=new',
        '--no-sandbox',
        '--disable-gpu',
        '--use-fake-ui-for-media-stream',
        '--use-fake-device-for-media-stream',
        '--no-first-run',
        `--user-data-dir=${this.dir}`,
        '--remote-debugging-port=0',
        'about:blank',
      ],
      { stdio: 'ignore', detached: true },
    );
    let port = '';
    for (const end = Date.now() + WAIT; !port; await new Promise((r) => setTimeout(r, 100))) {
      if (Date.now() > end) throw new Error('the browser does not start');
      try {
        port = readFileSync(join(this.dir, 'DevToolsActivePort'), 'utf8').split('\n')[0];
      } catch {
        /* not yet */
      }
    }
    this.browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { timeout: WAIT });
    this.context = this.browser.contexts()[0];
    await this.context.grantPermissions(['geolocation', 'microphone'], { origin: this.way.base });
    await this.context.setGeolocation({ latitude: 31.9532, longitude: 118.8404, accuracy: 4 });
    this.page = await this.context.newPage();
    this.page.setDefaultTimeout(WAIT);
    await this.page.setViewportSize({ width: 390, height: 844 });
    await this.page.addInitScript(() =>
      addEventListener('securitypolicyviolation', (e) => console.error(`CSP ${e.violatedDirective} ${e.blockedURI}`)),
    );
    /* Without signal the browser itself says so of every request; that is no fault of the page. */
    this.page.on('console', (m) => {
      if (m.type() === 'error' && !/ERR_|Failed to fetch|status of (400|401|403|409|5\d\d)/.test(m.text()))
        this.problems.push(`console: ${m.text()} (${this.page.url()})`);
    });
    this.page.on('pageerror', (e) => this.problems.push(`page error: ${e.message} (${this.page.url()})`));
    this.page.on('request', (r) => {
      if (!r.url().startsWith(this.way.base) && !/^(blob|data|about):/.test(r.url()))
        this.problems.push(`request off the host: ${r.url()}`);
    });
  }
  /** Whether this page finds room for what it would keep. */
  room(there) {
    return this.page.evaluate((on) => {
      const store = IDBObjectStore.prototype;
      window.keeps ??= store.put;
      store.put = on
        ? window.keeps
        : () => {
            throw new DOMException('no room', 'QuotaExceededError');
          };
    }, there);
  }
  /** As when the battery goes: no good-bye. */
  async kill() {
    await new Promise((done) => {
      this.process.once('exit', done);
      process.kill(-this.process.pid, 'SIGKILL');
    }); /* with all its helpers */
    await this.browser.close().catch(() => {});
    rmSync(join(this.dir, 'SingletonLock'), { force: true });
  }
  async again() {
    await this.kill();
    await this.start();
  }
  async close() {
    await this.kill();
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
  }
}
