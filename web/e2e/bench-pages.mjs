// Two hundred pages on the live stream of a city, and whether the gateway notices them. A house of its own: `serve`, a city that
// speaks, a device whose value counts up, real tabs that show that value, and for the rest clients of the same stream that read every byte.
//   node e2e/bench-pages.mjs [--pages 200] [--tabs 4] [--devices 2000] [--interval 6s] [--seconds 20] [--rounds 2] [--bin ../build/shanshui]
// By turns: alone, with the pages, with the pages and four hostile scripts. Prints figures; nothing is asserted on time. It ends with 1 where
// a page missed a value, a page that was cut off missed an event, or one that did not read held up another.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { connect } from 'node:net';
import { spawn, spawnSync } from 'node:child_process';
import { loadavg, tmpdir } from 'node:os';
import { createGunzip } from 'node:zlib';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { House, WAIT } from './house.mjs';

const now = () => performance.timeOrigin + performance.now();
const sleep = (ms) => new Promise((r) => setTimeout(r, ms));
const STREAM = '/api/v1/live?topics=summary,state,latest,alarm,thing,case,inbox';

/* --- the clients that are no browsers: one thread reads them all --- */
if (!isMainThread) clients(workerData);

/**
 * Reads whole streams, packed as a browser asks for them. One, the measure, is unpacked: it says which value of the probe lay where in the
 * stream. All streams are the same bytes from where they begin, so a client has a value when it has as many bytes; that its last bytes are
 * the measure's is looked at too. The first is cut in the middle and goes on and is unpacked as well, the last does not read for a while.
 */
function clients({ host, port, n, site }) {
  const all = [],
    mark = Buffer.from(`{"site":${site},"values":`);
  const unpacked = (c) => {
    const z = createGunzip();
    let text = Buffer.alloc(0),
      raw = 0;
    /* One piece after the other, so that what comes out belongs to the bytes that went in. */
    const next = () => {
      const piece = c.queue.shift();
      if (!piece) {
        c.busy = false;
        return;
      }
      c.busy = true;
      raw += piece.length;
      z.write(piece, () => {
        text = take(text, raw);
        next();
      });
    };
    const take = (t, at) => {
      const end = t.lastIndexOf('\n\n') + 2;
      if (end < 2) return t;
      for (const m of t
        .subarray(0, end)
        .toString('latin1')
        .matchAll(/^id: (\d+)\nevent: (\w+)/gm)) {
        c.last = m[1];
        c.ids.push(`${m[1]} ${m[2]}`);
      }
      for (let i = t.indexOf(mark); i >= 0 && i < end; i = t.indexOf(mark, i + 1)) {
        const v = /"factor":"w01018","stat":"Rtd"[^}]*?"value":([0-9.]+)/.exec(
          t.subarray(i, i + 2000).toString('latin1'),
        );
        if (v && !c.values.has(Number(v[1]))) c.values.set(Number(v[1]), at);
      }
      return t.subarray(end);
    };
    z.on('data', (d) => {
      c.plain += d.length;
      text = text.length ? Buffer.concat([text, d]) : d;
    });
    z.on('error', () => {});
    return (d) => {
      c.queue.push(d);
      if (!c.busy) next();
    };
  };
  const open = (c) => {
    const put = c.ids ? unpacked(c) : null;
    c.request = get({
      host,
      port,
      path: STREAM,
      agent: false,
      headers: { 'Accept-Encoding': 'gzip', ...(c.last ? { 'Last-Event-ID': c.last } : {}) },
    });
    c.request.on('error', () => {});
    c.request.on('response', (r) => {
      c.response = r;
      r.on('error', () => {});
      r.on('data', (d) => {
        c.bytes += d.length;
        c.log.push(now(), c.bytes);
        c.end = d.length < 64 ? Buffer.concat([c.end, d]).subarray(-64) : d.subarray(-64);
        put?.(d);
      });
    });
  };
  for (let i = 0; i < n; i++) {
    const c = {
      bytes: 0,
      plain: 0,
      log: [],
      end: Buffer.alloc(0),
      ids: i < 2 ? [] : null,
      values: new Map(),
      last: '',
      queue: [],
    };
    all.push(c);
    open(c);
  }
  parentPort.on('message', (what) => {
    if (what === 'cut') {
      all[0].request.destroy();
      setTimeout(() => open(all[0]), 3000);
    }
    if (what === 'stall') all.at(-1).response.pause();
    if (what === 'read') all.at(-1).response.resume();
    if (what === 'say') {
      const ref = all[1],
        same = all.slice(1, -1).filter((c) => c.end.equals(ref.end));
      const seen = same.map((c) => {
        const ahead = ref.bytes - c.bytes; /* what the measure had before this one began */
        let i = 0;
        return [...ref.values].map(([v, at]) => {
          while (i < c.log.length && c.log[i + 1] < at - ahead) i += 2;
          return [v, c.log[i]];
        });
      });
      parentPort.postMessage({
        seen,
        same: same.length,
        of: all.length - 2,
        ids: [all[0].ids, ref.ids],
        bytes: ref.bytes,
        plain: ref.plain,
        slow: all.at(-1).end.equals(ref.end),
      });
    }
    if (what === 'end') {
      for (const c of all) c.request.destroy();
      parentPort.close();
    }
  });
  parentPort.postMessage('open');
}

/* --- a device: frames as HJ 212 has them --- */
function frame(mn, parts, k) {
  const p = (x, w = 2) => String(x).padStart(w, '0'),
    d = new Date(Date.now() + 8 * 3_600_000);
  const at = `${d.getUTCFullYear()}${p(d.getUTCMonth() + 1)}${p(d.getUTCDate())}${p(d.getUTCHours())}${p(d.getUTCMinutes())}${p(d.getUTCSeconds())}`;
  const s = `QN=${at}${p(k % 1000, 3)};ST=32;CN=2011;PW=123456;MN=${mn};Flag=5;CP=&&DataTime=${at};${parts}&&`;
  let crc = 0xffff;
  for (const c of Buffer.from(s)) {
    crc = (crc >> 8) ^ c;
    for (let i = 0; i < 8; i++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return `##${p(s.length, 4)}${s}${crc.toString(16).toUpperCase().padStart(4, '0')}\r\n`;
}
/** A connection that waits for each answer; acks: what each took, ms. */
class Device {
  constructor(mn, port) {
    Object.assign(this, { mn, acks: [], waiting: [], k: 0 });
    this.socket = connect(port, '127.0.0.1');
    this.socket.setNoDelay(true);
    this.socket.on('data', (d) => {
      for (const _ of d.toString('latin1').matchAll(/CN=9014/g)) {
        const t = this.waiting.shift();
        if (t) this.acks.push(now() - t);
      }
    });
  }
  send(parts) {
    const text = frame(this.mn, parts, this.k++),
      t = now();
    this.waiting.push(t);
    this.socket.write(text);
    return t;
  }
}

const by = (a, p) => {
  const s = [...a].sort((x, y) => x - y);
  return s.length ? s[Math.min(s.length - 1, Math.floor(s.length * p))] : NaN;
};
const ms = (x) => x.toFixed(1);

async function main() {
  const text = (d) => ({ type: 'string', default: d });
  const { values: o } = parseArgs({
    options: {
      pages: text('200'),
      tabs: text('4'),
      devices: text('2000'),
      interval: text('6s'),
      seconds: text('20'),
      rounds: text('2'),
      bin: text('../build/shanshui'),
      chromium: text('/usr/bin/chromium'),
    },
  });
  const root = fileURLToPath(new URL('../../', import.meta.url)),
    bin = join(fileURLToPath(new URL('../', import.meta.url)), o.bin);
  const dir = mkdtempSync(join(tmpdir(), 'shanshui-pages-'));
  /* Beside the modules one whose check never ends, in four ways; the house is open, and a browser may ask for it. */
  cpSync(join(root, 'modules'), join(dir, 'modules'), { recursive: true });
  mkdirSync(join(dir, 'modules/bench/bad'), { recursive: true });
  writeFileSync(
    join(dir, 'modules/bench/bad/module.lua'),
    `module { id = "bench/bad", title = { zh = "坏", en = "Bad" } }
record "bench_bad" { title = { zh = "坏", en = "Bad" }, family = "bench", label = "internal", title_field = "name",
	fields = { f("name", "名称", "Name", "text", { max = 20 }), f("k", "甲", "K", "integer", {}) },
	checks = { { field = "k", fn = function(x)
		local k = x.record.k
		if k == 0 then while true do pcall(error) end end
		if k == 1 then local t = {} for n = 1, 1e9 do t[n] = { n } end end
		if k == 2 then return ("a"):rep(28):find(("a?"):rep(28) .. ("a"):rep(28)) end
		while true do local s = ("x"):rep(1 << 20) end
	end } } }
`,
  );
  const house = await House.open({ bin, root, chromiumPath: o.chromium, extra: ['--modules', join(dir, 'modules')] });
  const url = new URL(house.base),
    gate = Number(/HJ 212: (\d+)/.exec(house.said)?.[1]);
  const pid = house.serve.pid,
    procs = [];
  const cpu = () => {
    const s = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ');
    return (Number(s[11]) + Number(s[12])) / 100;
  };
  const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))[1]) / 1024;
  const ask = async (method, path, body) => {
    const r = await fetch(`${house.base}${path}`, {
      method,
      headers: { 'content-type': typeof body === 'string' ? 'text/csv' : 'application/json' },
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: r.status, text: await r.text() };
  };
  const metric = async (name) =>
    Number(new RegExp(`^${name} (\\S+)`, 'm').exec((await ask('GET', '/metrics')).text)?.[1]);
  let failed = 0;
  const hold = (what, ok) => {
    console.log(`${ok ? '成立 holds' : '不成立 does not hold'}: ${what}`);
    if (!ok) failed++;
  };
  try {
    /* The city and the probes. */
    const register = spawnSync(bin, ['simulate', '--devices', o.devices, '--registry', '-'], {
      maxBuffer: 1 << 28,
    }).stdout.toString();
    await ask('POST', '/api/v1/devices/import', register);
    const probe = async (i) => {
      const mn = `BENCH${String(i).padStart(19, '0')}`;
      const r = await ask('POST', '/api/v1/devices', {
        mn,
        site_name: `探针 ${i}`,
        kind: 'source_water',
        district: '320106',
        lon: 118.77,
        lat: 32.06,
      });
      return { mn, site: JSON.parse(r.text).site.id };
    };
    const shown = await probe(0),
      others = [];
    for (let i = 1; i <= 40; i++) others.push((await probe(i)).mn);
    procs.push(
      spawn(
        bin,
        ['simulate', '--devices', o.devices, '--target', `127.0.0.1:${gate}`, '--interval', o.interval, '--quiet'],
        { stdio: 'ignore' },
      ),
    );
    const device = new Device(shown.mn, gate),
      crowd = others.map((mn) => new Device(mn, gate));
    let value = 10;
    const say = () => device.send(`w01018-Rtd=${value},w01018-Flag=N`);
    say();
    while ((await metric('shanshui_gateway_connections')) < Number(o.devices) * 0.95) await sleep(200);

    /** One turn: the crowd sends 40 frames a second, one by one; what an answer took. */
    async function turn(seconds, also = () => {}) {
      for (const d of crowd) d.acks = [];
      const from = Date.now(),
        c = cpu(),
        f = await metric('shanshui_frames_total');
      for (let i = 0; Date.now() - from < seconds * 1000; i++) {
        crowd[i % crowd.length].send('w01018-Rtd=20,w01018-Flag=N');
        if (i % 40 === 0) also();
        await sleep(Math.max(0, from + (i + 1) * 25 - Date.now()));
      }
      const spent = (Date.now() - from) / 1000;
      for (const end = Date.now() + WAIT; crowd.some((d) => d.waiting.length) && Date.now() < end;) await sleep(20);
      return {
        acks: crowd.flatMap((d) => d.acks),
        cpu: ((cpu() - c) / spent) * 100,
        rate: ((await metric('shanshui_frames_total')) - f) / spent,
      };
    }

    async function openPages() {
      const tabs = [],
        sent = new Map();
      for (let i = 0; i < Number(o.tabs); i++) {
        const p = await house.page({ width: 1280, height: 720 });
        await p.addInitScript(() => {
          window.drawn = {};
          /* The value is in the page; the next frame draws it; a message posted in that frame is read behind it. */
          new MutationObserver(() => {
            for (const b of document.querySelectorAll('.heads dd b')) {
              const v = Number(b.textContent);
              if (v in window.drawn) continue;
              window.drawn[v] = 0;
              requestAnimationFrame(() => {
                const c = new MessageChannel();
                c.port1.onmessage = () => {
                  window.drawn[v] = performance.timeOrigin + performance.now();
                };
                c.port2.postMessage(0);
              });
            }
          }).observe(document, { subtree: true, childList: true, characterData: true });
        });
        await p.goto(`${house.base}/sites/${shown.site}`);
        await p.locator('.heads dd b').first().waitFor();
        tabs.push(p);
      }
      const w = new Worker(fileURLToPath(import.meta.url), {
        workerData: { host: url.hostname, port: Number(url.port), n: Number(o.pages) - tabs.length, site: shown.site },
      });
      await new Promise((done) => w.once('message', done));
      while ((await metric('shanshui_http_streams')) < Number(o.pages)) await sleep(100);
      const told = () =>
        new Promise((done) => {
          w.once('message', done);
          w.postMessage('say');
        });
      return {
        tabs,
        w,
        sent,
        told,
        close: async () => {
          w.postMessage('end');
          for (const p of tabs) await p.context().close();
          while ((await metric('shanshui_http_streams')) > 0) await sleep(100);
        },
      };
    }

    const seconds = Number(o.seconds),
      acks = { alone: [], pages: [], hostile: [] },
      pixel = [],
      stream = [];
    for (let round = 0; round < Number(o.rounds); round++) {
      const a = await turn(seconds);
      acks.alone.push(a.acks);
      console.log(
        `独自 alone: ${a.rate.toFixed(0)} 帧 frames/s; server ${a.cpu.toFixed(0)} % of a core, ${rss().toFixed(0)} MB; ack p50 ${ms(by(a.acks, 0.5))} p99 ${ms(by(a.acks, 0.99))} ms; load ${loadavg()[0].toFixed(1)}`,
      );
      const g = await openPages();
      const before = (await g.told()).bytes,
        t0 = Date.now(),
        first = value + 1;
      let ticks = 0;
      const b = await turn(seconds, () => {
        ticks++;
        if (ticks === 3) g.w.postMessage('stall');
        if (ticks === 5) g.w.postMessage('cut');
        value++;
        g.sent.set(value, say());
      });
      acks.pages.push(b.acks);
      console.log(
        `${o.pages} 页 pages: ${b.rate.toFixed(0)} 帧 frames/s; server ${b.cpu.toFixed(0)} % of a core, ${rss().toFixed(0)} MB; ack p50 ${ms(by(b.acks, 0.5))} p99 ${ms(by(b.acks, 0.99))} ms; load ${loadavg()[0].toFixed(1)}`,
      );
      let stop = false,
        stopped = 0;
      const hostile = [0, 1, 2, 3].map(async (k) => {
        while (!stop) {
          const r = await ask('POST', '/api/v1/things/bench_bad', { fields: { name: 'x', k } });
          if (r.status >= 400) stopped++;
        }
      });
      const c = await turn(seconds, () => {
        value++;
        g.sent.set(value, say());
      });
      stop = true;
      await Promise.all(hostile);
      acks.hostile.push(c.acks);
      console.log(
        `又有四个坏脚本 and four hostile scripts: ${c.rate.toFixed(0)} 帧 frames/s; server ${c.cpu.toFixed(0)} % of a core, ${rss().toFixed(0)} MB, ${stopped} calls stopped; ack p50 ${ms(by(c.acks, 0.5))} p99 ${ms(by(c.acks, 0.99))} ms; load ${loadavg()[0].toFixed(1)}`,
      );
      g.w.postMessage('read');
      /* What was sent within one tick of the server is told as its newest: the last one must come to all. */
      const last = value,
        lasts = async () => {
          const r = await g.told();
          return (
            r.same === r.of &&
            r.ids[0].at(-1) === r.ids[1].at(-1) &&
            r.seen[0].some(([v]) => v === last) &&
            (await Promise.all(g.tabs.map((p) => p.evaluate((v) => window.drawn[v] > 0, last)))).every(Boolean) &&
            r
          );
        };
      let r = null;
      for (const end = Date.now() + WAIT; Date.now() < end && !(r = await lasts());) await sleep(100);
      hold(
        `每一页都到了最后一个值 every page has the last value (${g.tabs.length} 真标签页 tabs, ${Number(o.pages) - g.tabs.length} 客户端 clients)`,
        !!r,
      );
      r ??= await g.told();
      const got = (seen) => [...g.sent].filter(([v]) => seen.get(v)).map(([v, t]) => seen.get(v) - t);
      for (const p of g.tabs)
        pixel.push(
          ...got(new Map(Object.entries(await p.evaluate(() => window.drawn)).map(([v, t]) => [Number(v), t]))),
        );
      for (const s of r.seen) stream.push(...got(new Map(s)));
      const [cut, whole] = r.ids,
        end = Math.min(Number(cut.at(-1)?.split(' ')[0]), Number(whole.at(-1)?.split(' ')[0]));
      const upto = (l) => l.filter((x) => Number(x.split(' ')[0]) <= end),
        begin = Number(cut[0].split(' ')[0]);
      hold(
        `断开三秒的一页，续上之后一个事件不缺不重 the page that was cut off for three seconds has every event once: ${upto(cut).length}`,
        upto(cut).join() ===
          upto(whole)
            .filter((x) => Number(x.split(' ')[0]) >= begin)
            .join(),
      );
      console.log(
        `每页每秒 a page and second: ${((r.bytes - before) / ((Date.now() - t0) / 1000) / 1024).toFixed(0)} KiB packed（原文 plain ${(r.plain / r.bytes).toFixed(1)} ×）；值 values ${first}–${last}`,
      );
      await g.close();
    }
    const line = (name, x) =>
      console.log(`${name}: n ${x.length} p50 ${ms(by(x, 0.5))} p99 ${ms(by(x, 0.99))} max ${ms(by(x, 1))} ms`);
    line('帧到像素 frame to pixel, real tabs', pixel);
    line('帧到客户端 frame to client', stream);
    const half = (k, p) =>
      by(
        acks[k].map((x) => by(x, p)),
        0.5,
      );
    for (const k of ['pages', 'hostile'])
      console.log(
        `网关应答 gateway, ${k} / alone: p50 ${ms(half(k, 0.5))} / ${ms(half('alone', 0.5))} ms, ratio ${(half(k, 0.5) / half('alone', 0.5)).toFixed(2)}; p99 ${ms(half(k, 0.99))} / ${ms(half('alone', 0.99))} ms, ratio ${(half(k, 0.99) / half('alone', 0.99)).toFixed(2)}`,
      );
    for (const d of [device, ...crowd]) d.socket.destroy();
  } finally {
    for (const p of procs) p.kill();
    await house.close();
    rmSync(dir, { recursive: true, force: true });
  }
  process.exit(failed ? 1 : 0);
}
if (isMainThread) await main();
