// Makes the demo city's directory from the demo city's own register, with planted doubles and their truth:
//   shanshui simulate --seed 20261123 --devices 300 --registry - | node make.mjs
// Writes the CSV files beside it and ../tests/truth.jsonl. Same input, same bytes.
import { readFileSync, writeFileSync } from "node:fs";

const here = new URL(".", import.meta.url);
const [head, ...lines] = readFileSync(0, "utf8").trim().split("\n");
const columns = head.split(",");
const sites = lines.map((l) => Object.fromEntries(l.split(",").map((v, i) => [columns[i], v]))).filter((s) => /^source_(water|air)$/.test(s.kind));

let state = 20261123n;
const random = () => {
	state = (state * 6364136223846793005n + 1442695040888963407n) & ((1n << 64n) - 1n);
	return Number(state >> 33n) / 2 ** 31;
};
const pick = (list) => list[Math.floor(random() * list.length)];
const pad = (n, w) => String(n).padStart(w, "0");

const LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const WEIGHT = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
function creditCode(n) {
	const body = `91320100MA${pad(n, 7)}`;
	const sum = [...body].reduce((s, c, i) => s + LETTERS.indexOf(c) * WEIGHT[i], 0);
	return body + LETTERS[(31 - (sum % 31)) % 31];
}
const TRADES = {
	化工: "C2614", 热电: "D4411", 水泥: "C3011", 电镀: "C3360", 印染: "C1713", 制药: "C2710", 钢铁: "C3120", 玻璃: "C3041", 造纸: "C2221", 食品: "C1499",
	涂装: "C3360", 再生资源: "C4210", 污水处理: "D4620", 新材料: "C2651", 半导体: "C3963", 饮料: "C1529",
};
const KEY_TRADES = ["化工", "热电", "钢铁", "污水处理", "电镀"];
const SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜".split("");
const GIVEN = "伟芳敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英".split("");
const person = () => pick(SURNAMES) + pick(GIVEN) + (random() < 0.5 ? pick(GIVEN) : "");
const phone = () => `1${pick(["38", "39", "50", "86", "77"])}${pad(Math.floor(random() * 1e8), 8)}`;

const persons = [], dischargers = [], outlets = [], bindings = [], permits = [], duties = [], truth = [];
let code = 0;
function discharger(o) {
	const d = {
		source_code: `3201D${pad(++code, 7)}`, short_name: "", credit: "", positive_list: "", status: "running", precision: "survey", legal_rep: person(), phone: phone(), meters: "", permit_no: "", eia_no: "", ...o,
	};
	dischargers.push(d);
	return d;
}
function legalPerson(d, kind = "company", status = "open") {
	persons.push({ name: d.name, credit_code: d.credit_code, kind, legal_rep: d.legal_rep, phone: d.phone, address: d.address, status, admin_area: d.admin_area });
}
const moved = (s, metres) => {
	const angle = random() * 2 * Math.PI;
	return { lon: Number(s.lon) + (metres * Math.cos(angle)) / 94300, lat: Number(s.lat) + (metres * Math.sin(angle)) / 110900 };
};
const point = (p) => `${Number(p.lon).toFixed(6)} ${Number(p.lat).toFixed(6)}`;

sites.forEach((s, i) => {
	const name = s.site_name.replace("（演示）", "");
	const trade = Object.keys(TRADES).find((t) => name.includes(t)) ?? "食品";
	const key = KEY_TRADES.includes(trade);
	const d = discharger({
		name: `南京${name}有限公司`, short_name: name, credit_code: creditCode(i + 1), address: `南京市${s.site_code.slice(3)}号路${(i % 90) + 1}号`, place: point(s), at: s,
		admin_area: s.district, industry: TRADES[trade], manage_class: key ? "key" : i % 3 === 0 ? "register" : "simple", draw_class: key ? "key" : "general",
		credit: ["green", "blue", "blue", "blue", "yellow", "red"][i % 6], positive_list: i % 41 === 0 ? "是" : "否", meters: `DB${pad(i + 1, 6)}`,
		eia_no: `宁环建〔2019〕${i + 1}号`,
	});
	legalPerson(d);
	const outlet = { discharger: d.source_code, code: s.point, label: `${name}${s.kind === "source_air" ? "废气" : "废水"}总排口`, medium: s.kind === "source_air" ? "air" : "water", kind: "main", place: point(s), monitored_by: "auto" };
	outlets.push(outlet);
	for (const factor of s.kind === "source_air" ? ["a34013", "a21026", "a21002"] : ["w01018", "w21003", "w21011", "w21001"])
		bindings.push({ outlet: `${d.source_code}/${s.point}`, factor, mn: s.mn, point: s.point, profile: s.edition, valid_from: "2024-01-01", standby: "否" });
	if (d.manage_class !== "register") {
		d.permit_no = `${d.credit_code}001P`;
		const expiry = i % 20 === 0 ? "2026-11-20" : i % 20 === 1 ? "2027-02-10" : "2028-12-31"; // some have run out, some soon will
		permits.push({ number: d.permit_no, discharger: d.source_code, kind: "permit", issued: "2023-12-20", effective: "2024-01-01", expiry, office: "南京市生态环境局", state: "issued" });
	}
	duties.push({ discharger: d.source_code, kind: "exec_report", what: "2026 年第三季度执行报告", due: "2026-10-15", done: i % 14 === 0 ? "" : `2026-10-${pad(1 + (i % 15), 2)}`, basis: "排污许可证" });
});

const base = dischargers.slice();
const at = (i) => base[(i * 11 + 3) % base.length];
const pair = (kind, duplicate, a, b) => truth.push({ kind, duplicate, a: a.source_code, b: b.source_code });
// 20: the same code typed twice, a little apart.
for (let i = 0; i < 20; i++) {
	const a = at(i);
	pair("same_code", true, a, discharger({ ...a, source_code: `3201D${pad(code + 1, 7)}`, name: a.short_name, place: point(moved(a.at, 20 + i * 12)), meters: "", permit_no: "", eia_no: "" }));
}
// 20: name variants without a code, as complaint and power registers write them.
for (let i = 0; i < 20; i++) {
	const a = at(20 + i);
	const name = [a.short_name.replace(/^(..)/, "$1市").replace("市", ""), `${a.short_name}（南京）公司`, `江苏${a.short_name}`, `${a.short_name}集团有限公司`][i % 4];
	pair("variant", true, a, discharger({
		...a, source_code: `3201D${pad(code + 1, 7)}`, name, credit_code: "", permit_no: "", place: point(moved(a.at, i % 10 === 9 ? 260 : 10 + i * 6)), // two have little in common: listed, not proposed
		phone: i % 3 ? a.phone : phone(), legal_rep: i % 4 ? a.legal_rep : "", meters: i % 10 !== 9 && i % 2 ? a.meters : "", eia_no: i % 2 ? "" : a.eia_no,
	}));
}
// 10: an heir on the site of a cancelled firm: another person, no double.
for (let i = 0; i < 10; i++) {
	const a = at(40 + i);
	a.status = "closed";
	a.status_evidence = "市场监管注销通知";
	const b = discharger({ ...a, status_evidence: "", source_code: `3201D${pad(code + 1, 7)}`, name: `南京${a.short_name.slice(0, 4)}新程有限公司`, short_name: "", status: "running", credit_code: creditCode(5000 + i), legal_rep: person(), phone: phone(), meters: a.meters, eia_no: a.eia_no, permit_no: "" });
	legalPerson(b);
	pair("succession", false, a, b);
}
// 10: neighbours in one courtyard: the landlord's phone and gate address, other names, other codes or none.
for (let i = 0; i < 10; i++) {
	const a = at(50 + i);
	const b = discharger({ ...a, source_code: `3201D${pad(code + 1, 7)}`, name: `南京${pick(["永兴", "华昌", "金陵", "润泽", "鼎盛"])}${pick(["包装", "五金", "木业", "塑料", "印刷"])}${i + 1}厂`, short_name: "", credit_code: i % 2 ? creditCode(6000 + i) : "",
		manage_class: "register", draw_class: "general", industry: "C1499", legal_rep: person(), phone: a.phone, meters: "", permit_no: "", eia_no: "", place: point(moved(a.at, 15)) });
	if (b.credit_code) legalPerson(b);
	pair("courtyard", false, a, b);
}
// 5: one group, two works in one street.
for (let i = 0; i < 5; i++) {
	const a = at(60 + i);
	const works = (n) => discharger({ ...a, source_code: `3201D${pad(code + 1, 7)}`, name: `南京${a.short_name.slice(0, 4)}第${n}厂`, short_name: "", credit_code: "", permit_no: "", meters: "", eia_no: "", place: point(moved(a.at, 30)) });
	pair("group", false, works("一"), works("二"));
}

const cell = (v) => (/[",\n]/.test(v) ? `"${String(v).replaceAll('"', '""')}"` : String(v));
function write(file, rows, fields) {
	writeFileSync(new URL(file, here), [fields, ...rows.map((r) => fields.map((f) => r[f] ?? ""))].map((r) => r.map(cell).join(",")).join("\n") + "\n");
	console.log(`${file}: ${rows.length}`);
}
write("legal_person.csv", persons, ["name", "credit_code", "kind", "legal_rep", "phone", "address", "status", "admin_area"]);
write("discharger.csv", dischargers, ["source_code", "name", "short_name", "credit_code", "legal_rep", "phone", "address", "place", "precision", "admin_area", "industry", "manage_class", "draw_class", "status", "status_evidence", "credit", "positive_list", "meters", "permit_no", "eia_no"]);
write("outlet.csv", outlets, ["discharger", "code", "label", "medium", "kind", "place", "monitored_by"]);
write("binding.csv", bindings, ["outlet", "factor", "mn", "point", "profile", "valid_from", "standby"]);
write("permit.csv", permits, ["number", "discharger", "kind", "issued", "effective", "expiry", "office", "state"]);
write("duty.csv", duties, ["discharger", "kind", "what", "due", "done", "basis"]);
writeFileSync(new URL("../tests/truth.jsonl", here), truth.map((t) => JSON.stringify(t) + "\n").join(""));
