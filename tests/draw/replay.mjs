// Replays a published draw from its kit alone, by the text of modules/enforcement/inspections/README.md.
// It shares nothing with the program: node's own SM3 and whole numbers of any size.
//   node replay.mjs KIT.json          says what does not hold and where; exit 1 then
//   node replay.mjs --uniform N KIT   N draws of the kit's pools under other seeds: chi-square of the objects
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

const sm3 = (data) => createHash("sm3").update(data).digest();
const hex = (b) => b.toString("hex");

class Stream {
	constructor(seed, position = 0n) {
		this.seed = seed;
		this.position = position;
	}
	word() {
		const block = Buffer.alloc(8);
		block.writeBigUInt64BE(this.position / 4n);
		const digest = sm3(Buffer.concat([this.seed, block]));
		return digest.readBigUInt64BE(8 * Number(this.position++ % 4n));
	}
	below(n) {
		const whole = 1n << 64n;
		const top = whole - (whole % BigInt(n));
		for (;;) {
			const w = this.word();
			if (w < top) return Number(w % BigInt(n));
		}
	}
}

const bytewise = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b));
const poolDigest = (text) => hex(sm3(text ? `${text}\n` : ""));
const list = (s) => (s === "" ? [] : s.split(","));
const rows = (text) => (text ?? "").split("\n").filter((l) => l !== "").map((l) => l.split("|"));

function objectsOf(text) {
	return rows(text).map(([code, area, cls, weight, exempt, name]) => ({ code, area, cls, weight: Number(weight), exempt, name }));
}
function officersOf(text) {
	return rows(text).map(([id, certificate, valid, areas, leave, cap, avoid, last]) => ({
		id, certificate, valid, areas: list(areas), leave, cap: Number(cap), avoid: list(avoid), last: list(last), load: 0,
	}));
}

function quota(rule, cls, n, officers) {
	if (cls === "key") return Math.floor((rule.key_percent * n + 99) / 100);
	if (cls === "special") return n;
	return Math.min(n, Math.floor((rule.general_per_officer * officers + 3) / 4));
}

function fisherYates(stream, all, k) {
	const a = all.slice();
	for (let i = 0; i < k; i++) {
		const j = i + stream.below(a.length - i);
		[a[i], a[j]] = [a[j], a[i]];
	}
	return a.slice(0, k);
}
function drawGroup(stream, group, k) {
	if (group.every((o) => o.weight === 1000)) return fisherYates(stream, group, k);
	const picked = [];
	const left = group.slice();
	for (let i = 0; i < k; i++) {
		const x = stream.below(left.reduce((s, o) => s + o.weight, 0));
		let sum = 0;
		const j = left.findIndex((o) => (sum += o.weight) > x);
		picked.push(...left.splice(j, 1));
	}
	return picked;
}

// Who may go: first those of the area who were not there last time, then those of the area, then the whole city.
function eligible(officers, object, day, not) {
	const able = officers.filter(
		(f) => f.valid >= day && f.leave === "" && f.load < f.cap && !f.avoid.includes(object.code) && !not.includes(f.id));
	const own = able.filter((f) => f.areas.includes(object.area));
	return { fresh: own.filter((f) => !f.last.includes(object.code)), own, city: able };
}
function drawOfficers(stream, officers, object, day, want, not = []) {
	const e = eligible(officers, object, day, not);
	const pool = e.fresh.length >= want ? e.fresh : e.own.length >= want ? e.own : e.city;
	const got = fisherYates(stream, pool, Math.min(want, pool.length));
	for (const f of got) f.load++;
	return { got: got.map((f) => f.id), widened: e.own.length < want };
}

export function replay(kit, seed) {
	const officers = officersOf(kit.officers);
	const objects = objectsOf(kit.objects);
	const stream = new Stream(seed);
	const drawn = [];
	for (const area of [...new Set(objects.map((o) => o.area))].sort(bytewise))
		for (const cls of [...new Set(objects.filter((o) => o.area === area).map((o) => o.cls))].sort(bytewise)) {
			const group = objects.filter((o) => o.area === area && o.cls === cls && o.exempt === "");
			const inArea = officers.filter((f) => f.areas.includes(area)).length;
			drawn.push(...drawGroup(stream, group, quota(kit.rule, cls, group.length, inArea)));
		}
	const results = drawn.map((o) => {
		const { got, widened } = drawOfficers(stream, officers, o, kit.day, kit.rule.officers_per_object);
		return { object: o.code, area: o.area, class: o.cls, officers: got.join(","), widened };
	});
	return { results, stream, officers, objects };
}

function fail(where, is, should) {
	console.log(`不符 differs: ${where}: 公布 published ${JSON.stringify(is)}，复算 replayed ${JSON.stringify(should)}`);
	process.exit(1);
}
function same(where, is, should) {
	if (JSON.stringify(is) !== JSON.stringify(should)) fail(where, is, should);
}

function sorted(what, text) {
	const codes = rows(text).map((r) => r[0]);
	codes.forEach((c, i) => i > 0 && bytewise(codes[i - 1], c) >= 0 && fail(`${what} 第 ${i + 1} 行的次序 order of line`, c, "按编码升序、不重复"));
}

function verify(kit) {
	sorted("名录 objects", kit.objects);
	sorted("人员 officers", kit.officers);
	same("名录摘要 objects_digest", kit.objects_digest, poolDigest(kit.objects));
	same("人员摘要 officers_digest", kit.officers_digest, poolDigest(kit.officers));
	if (kit.secret) same("承诺 secret_digest", kit.secret_digest, hex(sm3(kit.secret)));
	const text = [kit.objects_digest, kit.officers_digest, kit.draw, kit.public_number, kit.secret || "-"].map((l) => `${l}\n`).join("");
	same("种子 seed", kit.seed, hex(sm3(text)));
	const { results, stream, officers, objects } = replay(kit, Buffer.from(kit.seed, "hex"));
	same("抽中数 count", kit.results.length, results.length);
	results.forEach((r, i) => {
		const p = kit.results[i];
		same(`第 ${i + 1} 个 no.`, { object: p.object, area: p.area, class: p.class, officers: p.officers, widened: p.widened }, r);
	});
	same("数流位置 position", kit.position, Number(stream.position));
	for (const [i, s] of (kit.swaps || []).entries()) {
		const row = results.find((r) => r.object === s.object);
		const pair = list(row?.officers ?? "");
		same(`换人 ${i + 1} swap`, pair.includes(s.outgoing), true);
		officers.find((f) => f.id === s.outgoing).load--;
		const { got } = drawOfficers(stream, officers, objects.find((o) => o.code === s.object), kit.day, 1, pair);
		same(`换人 ${i + 1} swap`, { incoming: s.incoming ?? null, position: s.position }, { incoming: got[0] ?? null, position: Number(stream.position) });
		row.officers = pair.map((f) => (f === s.outgoing ? got[0] : f)).filter((f) => f).join(",");
	}
	console.log(`复算一致 replayed: ${kit.draw}，${results.length} 家，换人 ${(kit.swaps || []).length} 次，种子 seed ${kit.seed.slice(0, 16)}…`);
}

// Every object of a group of equal weights is drawn as often as any other: chi-square against k/n each.
function uniform(kit, times) {
	const count = new Map();
	const { objects } = replay(kit, Buffer.from(kit.seed, "hex"));
	const of = (o) => `${o.area} ${o.cls ?? o.class}`;
	const groups = Map.groupBy ? Map.groupBy(objects, of) : objects.reduce((m, o) => m.set(of(o), [...(m.get(of(o)) ?? []), o]), new Map());
	const drawn = new Map();
	for (let t = 0; t < times; t++)
		for (const r of replay(kit, sm3(`${kit.seed} ${t}`)).results) {
			count.set(r.object, (count.get(r.object) ?? 0) + 1);
			drawn.set(of(r), (drawn.get(of(r)) ?? 0) + 1);
		}
	let worst = 0;
	for (const [g, os] of groups) {
		const free = os.filter((o) => o.exempt === "");
		const k = (drawn.get(g) ?? 0) / times;
		if (free.length < 2 || k === 0 || k === free.length || free.some((o) => o.weight !== 1000)) continue;
		const each = (times * k) / free.length;
		// Drawing without replacement makes the spread smaller by (n-k)/(n-1).
		const shrink = (free.length - k) / (free.length - 1) ;
		const x2 = free.reduce((s, o) => s + ((count.get(o.code) ?? 0) - each) ** 2, 0) / (each * shrink);
		const z = (x2 - (free.length - 1)) / Math.sqrt(2 * (free.length - 1));
		worst = Math.max(worst, Math.abs(z));
		console.log(`${g}: ${free.length} 家抽 ${k}，卡方 chi-square ${x2.toFixed(1)}，自由度 ${free.length - 1}，z ${z.toFixed(2)}`);
	}
	process.exit(worst < 4 ? 0 : 1);
}

const args = process.argv.slice(2);
const kitOf = (path) => {
	const k = JSON.parse(readFileSync(path));
	return k.fields ?? k; // a record of the interface, or its fields alone
};
if (args[0] === "--uniform" && args.length === 3) uniform(kitOf(args[2]), Number(args[1]));
else if (args.length === 1) verify(kitOf(args[0]));
else {
	console.log("用法 usage: node replay.mjs KIT.json");
	process.exit(2);
}
