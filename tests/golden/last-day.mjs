// The last day of a period, by a calendar of its own: node last-day.mjs DAYS.csv FROM N working|calendar
// The day after FROM is day 1. A calendar period is told as it falls, also when that is a day off.
import { readFileSync } from "node:fs";

const [file, from, n, unit] = process.argv.slice(2);
const kind = new Map(readFileSync(file, "utf8").trim().split("\n").slice(1).map((l) => l.split(",")).map((c) => [c[0], c[1]]));
const DAY = 86400e3;
const text = (t) => new Date(t).toISOString().slice(0, 10);
const works = (t) => kind.get(text(t)) === "workday" || (![0, 6].includes(new Date(t).getUTCDay()) && kind.get(text(t)) !== "holiday");
let t = Date.parse(from);
for (let left = Number(n); left > 0; left -= unit === "calendar" || works(t) ? 1 : 0) t += DAY;
console.log(text(t));
