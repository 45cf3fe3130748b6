// Makes river_reach.csv from the lines of the base map, each turned so that it runs with the water:
//   node modules/water/rivers/data/make.mjs
import { readFileSync, writeFileSync } from "node:fs";

const here = new URL(".", import.meta.url);
const base = new URL("../../../../web/public/map/", here);
const read = (name) => JSON.parse(readFileSync(new URL(name, base))).features.map((f) => ({ name: (f.properties.name ?? "").replaceAll(" ", ""), c: f.geometry.coordinates, line: f.geometry.type === "LineString" }));
const lines = read("water_lines.json"), osm = read("water_osm.json").filter((f) => f.line);
const of = (name) => lines.filter((f) => f.name === name).map((f) => f.c);
const same = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]) < 1e-6;

/* The pieces of a river whose ends meet, put into one line from the piece that begins at `from`. */
function chain(pieces, from) {
	const left = [...pieces], out = [from];
	for (;;) {
		const i = left.findIndex((c) => same(c[0], out.at(-1)) || same(c.at(-1), out.at(-1)));
		if (i < 0) return out;
		const [c] = left.splice(i, 1);
		out.push(...(same(c[0], out.at(-1)) ? c : [...c].reverse()).slice(1));
	}
}
const outer = chain(osm.filter((f) => ["外秦淮河", "秦淮河"].includes(f.name) && !same(f.c[0], [118.79268, 32.02523])).map((f) => f.c), [118.80047, 32.01827]);
const BY = "流速为平台自定的假定范围；中线取自底图（示意）";
const reaches = [
	["CJ", "长江", [...of("长江")[0], ...of("长江")[1]], "", 0.5, 1.5, 1500, true, BY],
	["CH", "滁河", of("滁河")[0], "CJ", 0.1, 0.5, 500, false, BY],
	["WQH", "外秦淮河", outer, "CJ", 0.1, 0.4, 300, false, `${BY}；© OpenStreetMap contributors, ODbL`],
	["QHXH", "秦淮新河", of("秦淮新河")[0], "CJ", 0.1, 0.4, 300, false, BY],
	["QH", "秦淮河", [...of("秦淮河")[0]].reverse(), "WQH", 0.1, 0.5, 400, false, BY],
	["LSH", "溧水河", [...of("溧水河")[0]].reverse(), "QH", 0.1, 0.5, 400, false, BY],
	["XH", "胥河", of("胥河")[0], "", 0.05, 0.3, 300, false, BY],
];
const cell = (v) => (/[",]/.test(String(v)) ? `"${String(v).replaceAll('"', '""')}"` : String(v));
const rows = reaches.map(([code, name, c, into, low, high, bank, wide, basis]) => [code, name, JSON.stringify({ type: "LineString", coordinates: c, crs: "CGCS2000" }), into, low, high, bank, wide, basis].map(cell).join(","));
writeFileSync(new URL("river_reach.csv", here), `code,name,line,into,speed_low,speed_high,bank_m,wide,basis\n${rows.join("\n")}\n`);
