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

const cell = (v) => (/[",\n]/.test(v) ? `"${v.replaceAll('"', '""')}"` : v);
const head = ["code", "name", "name_en", "width", "height", "theme", "panels"];
writeFileSync(new URL("screen.csv", import.meta.url), [head.join(","), ...screens.map((s) => head.map((h) => cell(h === "panels" ? JSON.stringify(s[h]) : String(s[h]))).join(","))].join("\n") + "\n");
