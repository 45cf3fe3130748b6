// The demo city's officers: four in each district, some on leave, some with an old certificate. node make.mjs
import { writeFileSync } from "node:fs";
const districts = ["320102", "320104", "320105", "320106", "320111", "320113", "320114", "320115", "320116", "320117", "320118"];
const rows = [];
for (let i = 0; i < 44; i++)
	rows.push([`ZF${String(i + 1).padStart(3, "0")}`, `${"赵钱孙李周吴郑王冯陈褚"[i % 11]}${"建国强伟民"[i % 5]}`, `32010${String(20001 + i)}`, i % 17 === 5 ? "2026-06-30" : "2029-12-31",
		i % 13 === 7 ? `${districts[i % 11]};${districts[(i + 1) % 11]}` : districts[i % 11], i % 19 === 3 ? "是" : "否", 999]);
writeFileSync(new URL("inspector.csv", import.meta.url), ["code,name,certificate,valid_to,areas,on_leave,cap", ...rows.map((r) => r.join(","))].join("\n") + "\n");
