-- 大屏、汇报方案、放映、拼接墙。Screens, briefings, plays, walls.
module {
	id = "display/screens",
	title = { zh = "大屏与汇报", en = "Screens and briefings" },
	rows = { "P1.0", "P1.1.1", "P1.1.2", "P1.1.3" },
	about = {
		zh = "一幅画面跨多块屏，同一内容大屏、网页、手机三处看；汇报方案编排、排练、放映；拼接控制器的命令与答复留存。",
		en = "One picture over many screens, the same content on wall, desk and phone; briefings composed, rehearsed, played; commands to wall controllers kept.",
	},
}

menu { { id = "show", title = { zh = "展示", en = "Screens" }, order = 5, glyph = "屏" } }

-- 谁可做什么 rights
local READ = { "duty_district", "leader_district", "enforce_officer", "enforce_lead", "legal_review", "law_dept", "monitor_eng", "monitor_district", "data_engineer", "data_steward" }
local MAKE = { "leader_city", "duty_city", "data_chief", "line_dept", "line_air", "line_water", "line_soil", "line_waste", "line_ecology", "line_radiation", "line_climate", "line_eia" }
function show_rights(make, read)
	local r = {}
	for _, role in ipairs(READ) do
		r[role] = read
	end
	for _, role in ipairs(MAKE) do
		r[role] = make
	end
	return r
end
STEER = { duty_city = "RCUF all", data_chief = "RCUF all", data_engineer = "RCU all", leader_city = "RF all" }
