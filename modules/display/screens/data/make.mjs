// The screens that ship. node make.mjs writes screen.csv.
import { writeFileSync } from "node:fs";
const screens = [];
const screen = (code, name, name_en, width, height, panels) => screens.push({ code, name, name_en, width, height, theme: "screen", panels: panels.map((p) => ({ z: 1, phone: 0, ...p })) });

// For walls: to hang them straight and to see that all clocks agree.
screen("test_pattern", "测试图", "Test pattern", 3840, 1080, [{ id: "cross", kind: "pattern", x: 0, y: 0, w: 3840, h: 1080, phone: 1 }]);
screen("second_pattern", "测试图（文字）", "Test pattern, words", 3840, 1080, [
	{ id: "head", kind: "title", title: "字与接缝", title_en: "Words over seams", x: 64, y: 48, w: 3200, h: 110, phone: 1 },
	{ id: "clock", kind: "clock", x: 2600, y: 48, w: 1176, h: 90, phone: 2 },
	{ id: "words", kind: "text", text: "一幅画面跨多块屏：每块屏只画自己的那一部分，状态与时钟都以服务器为准。", text_en: "One picture over many screens: each draws its part, state and clock are the server's.", x: 64, y: 300, w: 3712, h: 300, phone: 3 },
]);

// The city in one picture, then air and water.
const of = (x) => JSON.stringify({ of: x });
const head = (title, title_en, text, text_en) => [{ id: "head", kind: "title", title, title_en, text, text_en, x: 64, y: 28, w: 1800, h: 92, phone: 0 },
	{ id: "weather", kind: "weather", x: 2060, y: 36, w: 1040, h: 76, phone: 0 }, { id: "clock", kind: "clock", x: 3120, y: 28, w: 656, h: 84, phone: 0 }];
const box = (id, kind, title, title_en, x, y, w, h, phone, chart) => ({ id, kind, title, title_en, x, y, w, h, phone, ...(chart ? { chart: of(chart) } : {}) });
screen("city_overview", "城市总览", "City overview", 3840, 1080, [...head("南京生态环境", "Nanjing environment", "今日山水", "today"),
	box("air", "headline", "空气", "Air", 64, 150, 520, 320, 1, "air"), box("water", "headline", "水", "Water", 640, 150, 500, 320, 2, "water"),
	box("air_list", "stations", "站点", "Stations", 64, 500, 520, 520, 6, "air"), box("sources", "headline", "污染源", "Sources", 640, 500, 500, 180, 4, "sources"),
	box("credit", "chart", "环保信用", "Credit of dischargers", 640, 690, 500, 350, 8, "credit_ring"),
	box("scroll", "scroll", "", "", 1200, 140, 1540, 900, 0), box("events", "events", "告警与处置", "Alarms", 2800, 150, 976, 500, 5),
	box("days", "chart", "逐日告警", "Alarms by day", 2800, 670, 600, 370, 7, "alarms_day_bar"), box("alarms", "headline", "在案告警", "Standing alarms", 3440, 670, 336, 370, 3, "alarms")]);
screen("air", "空气", "Air", 3840, 1080, [...head("空气质量", "Air quality", "", ""),
	box("air", "headline", "优良站点", "Good stations", 64, 150, 520, 260, 1, "air"), box("alarms", "headline", "在案告警", "Standing alarms", 64, 430, 520, 210, 4, "alarms"),
	box("list", "stations", "站点，差的在前", "Stations, worst first", 64, 660, 520, 390, 2, "air"),
	box("ridges", "ridges", "数据山水 · PM₂.₅", "Landscape of PM₂.₅", 660, 150, 1580, 890, 6, "air_hours"),
	box("scroll", "scroll", "", "", 2310, 140, 1466, 500, 0, "air"),
	box("wind", "chart", "风玫瑰", "Wind rose", 2310, 650, 560, 400, 5, "wind_rose"), box("hours", "chart", "PM₂.₅ 逐时", "PM₂.₅ by hour", 2900, 650, 876, 400, 3, "pm25_line")]);
screen("water", "水环境", "Water", 3840, 1080, [...head("水环境", "Water", "", ""),
	box("water", "headline", "断面达标", "Sections on target", 64, 150, 1076, 320, 1, "water"), box("list", "stations", "断面，差的在前", "Sections, worst first", 64, 500, 1076, 540, 2, "water"),
	box("scroll", "scroll", "", "", 1200, 140, 1540, 900, 0, "water"), box("sources", "headline", "污染源", "Sources", 2800, 150, 976, 180, 3, "sources"),
	box("cod", "chart", "各区废水化学需氧量", "COD by district", 2800, 350, 976, 440, 5, "cod_bar"), box("events", "events", "告警与处置", "Alarms", 2800, 820, 976, 220, 4)]);

const cell = (v) => (/[",\n]/.test(v) ? `"${v.replaceAll('"', '""')}"` : v);
const columns = ["code", "name", "name_en", "width", "height", "theme", "panels"];
writeFileSync(new URL("screen.csv", import.meta.url), [columns.join(","), ...screens.map((s) => columns.map((h) => cell(h === "panels" ? JSON.stringify(s[h]) : String(s[h]))).join(","))].join("\n") + "\n");
