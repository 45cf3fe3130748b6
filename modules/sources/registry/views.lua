-- 页面与图层 pages and layers beyond the generated ones

view "directory" {
	title = { zh = "名录", en = "Directory" }, menu = "sources", type = "discharger", layout = "list",
	columns = { "source_code", "name", "admin_area", "industry", "manage_class", "status" }, filters = { "admin_area", "manage_class", "industry", "status", "park", "key_lists" },
}
-- 一企一档：各模块往这一页加自己的段，名录不认识它们 the one page of an enterprise; other modules add sections of their own
local function section(id, zh, en, more)
	more.id, more.title = id, { zh = zh, en = en }
	return more
end
local OUTLETS = { type = "outlet", via = "discharger" }
local PERMITS = { type = "permit", via = "discharger" }
view "one_enterprise" {
	title = { zh = "一企一档", en = "One enterprise" }, menu = "sources", type = "discharger", layout = "file",
	columns = { "source_code", "name", "admin_area", "industry", "manage_class", "status" }, filters = { "admin_area", "manage_class", "industry", "status", "park", "key_lists" },
	sections = {
		section("base", "基本信息", "Base data", { fields = { "source_code", "name", "short_name", "operator", "credit_code", "legal_rep", "phone", "address", "admin_area", "town", "park", "industry", "manage_class",
			"key_lists", "status", "status_from", "run_hours", "receiving_water", "into_plant", "eia_no" } }),
		section("credit", "信用与名单", "Credit and lists", { fields = { "credit", "positive_list", "draw_class", "complaints_90d", "last_finding" } }),
		section("live", "实时与告警", "Live and alarms", { type = "binding", via = "outlet", through = OUTLETS, live = true }),
		section("permits", "排污许可证", "Permits", { type = "permit", via = "discharger", columns = { "kind", "issued", "effective", "expiry", "state" } }),
		section("rules", "许可限值（按日期生效）", "Limits, by date", { type = "permit_rule", via = "permit", through = PERMITS, columns = { "outlet", "factor", "kind", "averaging", "low", "high", "unit", "valid_from", "valid_to", "reason" }, sort = "-valid_from", limit = 40 }),
		section("mass", "年排放量", "Yearly mass", { type = "mass_account", via = "discharger", columns = { "factor", "year", "permitted", "discharged", "share", "light", "projected", "through" }, sort = "-year" }),
		section("outlets", "排放口", "Outlets", { type = "outlet", via = "discharger", columns = { "code", "medium", "kind", "monitored_by", "destination" } }),
		section("facilities", "设施", "Facilities", { type = "facility", via = "discharger", columns = { "code", "kind", "process", "capacity" } }),
		section("plans", "自行监测方案", "Self-monitoring plan", { type = "self_monitor_plan", via = "discharger", columns = { "outlet", "factor", "frequency", "last_result", "next_due", "missing" } }),
		section("results", "自行监测结果", "Self-monitoring results", { type = "self_monitor_result", via = "discharger", columns = { "factor", "sampled_on", "printed", "limit_high", "verdict", "report_no" }, sort = "-sampled_on" }),
		section("duties", "义务", "Duties", { type = "duty", via = "discharger", columns = { "kind", "due", "done", "basis" }, sort = "-due" }),
		section("versions", "许可证版本与决定", "Versions of the permits", { type = "permit_version", via = "permit", through = PERMITS, columns = { "kind", "effective_from", "decision_no", "rules_auto", "rules_manual", "test_over" } }),
	},
}
view "self_monitoring" { title = { zh = "自行监测", en = "Self-monitoring" }, menu = "sources", type = "self_monitor_plan", layout = "list", columns = { "discharger", "outlet", "factor", "frequency", "next_due", "missing" }, filters = { "frequency", "admin_area" } }
view "mass_lights" { title = { zh = "年排放量进度", en = "Yearly mass" }, menu = "sources", type = "mass_account", layout = "list", columns = { "discharger", "factor", "year", "permitted", "discharged", "share", "light" }, filters = { "light", "year", "admin_area" } }
view "directory_map" { title = { zh = "名录地图", en = "Directory on the map" }, menu = "sources", type = "discharger", layout = "map", columns = { "name", "manage_class" } }
view "permits" {
	title = { zh = "许可证", en = "Permits" }, menu = "sources", type = "permit", layout = "list",
	columns = { "number", "discharger", "effective", "expiry", "state" }, filters = { "state", "expiry" },
}
view "permit_workbench" { title = { zh = "限值签发", en = "Permit workbench" }, menu = "sources", flow = "permit_signing", layout = "desk" }
view "change_requests" { title = { zh = "变更申请", en = "Change requests" }, menu = "sources", flow = "registry_change", layout = "board" }
view "duties" {
	title = { zh = "义务", en = "Duties" }, menu = "sources", type = "duty", layout = "list",
	columns = { "what", "discharger", "due", "done" }, filters = { "kind", "due" },
}
layer "dischargers" { title = { zh = "排污单位", en = "Dischargers" }, type = "discharger", style = { field = "manage_class" } }
layer "outlets" { title = { zh = "排放口", en = "Outlets" }, type = "outlet", style = { field = "medium" } }

seed { type = "legal_person", file = "data/legal_person.csv" }
seed { type = "discharger", file = "data/discharger.csv" }
seed { type = "outlet", file = "data/outlet.csv" }
seed { type = "binding", file = "data/binding.csv" }
seed { type = "permit", file = "data/permit.csv" }
seed { type = "duty", file = "data/duty.csv" }
