// Dates of penalty steps by a calendar of its own, to check the product's: node penalty-dates.mjs days.csv N
// One JSON line for each: {"input":{...},"result":{"last_day","next_working_day"}}. Rules written from the law:
// Administrative Penalty Law art. 85: two, three, five and seven days are working days; the first day is not counted; a last
// day on a holiday moves to the next working day. Months end on the same day of the month, or its last.
import { readFileSync } from "node:fs";
const [file, count] = process.argv.slice(2);
const kind = new Map(readFileSync(file, "utf8").trim().split("\n").slice(1).map((l) => l.split(",")).map((c) => [c[0], c[1]]));
const DAY = 86400e3;
const text = (t) => new Date(t).toISOString().slice(0, 10);
const works = (t) => kind.get(text(t)) === "workday" || (![0, 6].includes(new Date(t).getUTCDay()) && kind.get(text(t)) !== "holiday");
const working = (t, n) => {
	for (; n > 0; n -= works(t) ? 1 : 0) t += DAY;
	return t;
};
const months = (t, n) => {
	const d = new Date(t);
	const last = new Date(Date.UTC(d.getUTCFullYear(), d.getUTCMonth() + n + 1, 0)).getUTCDate();
	return Date.UTC(d.getUTCFullYear(), d.getUTCMonth() + n, Math.min(d.getUTCDate(), last));
};
const STEPS = {
	filing: (t) => t + 15 * DAY, urgent_filing: (t) => t + 15 * DAY, evidence_kept: (t) => working(t, 7), statement: (t) => working(t, 5), hearing_request: (t) => working(t, 5),
	hearing_notice: (t) => working(t, 7), decision: (t) => t + 90 * DAY, delivery: (t) => working(t, 7), payment: (t) => t + 15 * DAY, reconsideration: (t) => t + 60 * DAY,
	suit: (t) => months(t, 6), press: (t) => t + 10 * DAY, court: (t) => months(t, 3), simple_filing: (t) => working(t, 3), limitation: (t) => months(t, 24),
	limitation_life: (t) => months(t, 60), daily_recheck: (t) => t + 30 * DAY, seal: (t) => t + 30 * DAY,
};
let state = 20260115;
const random = (n) => (state = (state * 48271) % 2147483647) % n;
// The days around every holiday of the table, then any day.
const near = [...kind.keys()].filter((d) => d >= "2023-01-01" && d <= "2026-10-10");
const names = Object.keys(STEPS);
for (let i = 0; i < Number(count); i++) {
	const step = names[i % names.length];
	const base = i % 2 ? Date.parse(near[random(near.length)]) - (random(100) - 5) * DAY : Date.UTC(2023, 0, 1) + random(1380) * DAY;
	const from = Math.max(base, Date.UTC(2023, 6, 1));
	const input = { step, from: text(from), legal_calendar: true };
	let last = STEPS[step](from);
	if (step === "decision" && i % 3 === 0) {
		input.excluded_days = random(40);
		input.extension_days = 30 * random(2);
		last += (input.excluded_days + input.extension_days) * DAY;
	}
	let next = last;
	while (!works(next)) next += DAY;
	console.log(JSON.stringify({ input, result: { last_day: text(last), next_working_day: text(next) } }));
}
