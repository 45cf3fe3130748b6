-- 一网通办：事项、申请、时钟、结果、评价。One-stop approvals: items, applications, the clock, results, ratings.
module {
	id = "office/approvals",
	title = { zh = "行政审批", en = "Approvals" },
	rows = { "P2.0" },
	needs = { "sources/registry" },
	about = {
		zh = "事项清单与办事指南，网上申报，受理、审查、决定、送达，按工作日计时，默认受理，评价；夜间施工证明全程可办。",
		en = "Items with their guides, online application, acceptance, examination, decision and delivery by the working-day clock, ratings; proof of night construction from end to end.",
	},
}

menu { { id = "approvals", title = { zh = "行政审批", en = "Approvals" }, order = 50 } }

APPROVAL_RIGHTS = {
	leader_city = "RF all", leader_district = "RF area", duty_city = "R all", duty_district = "R area", enforce_officer = "R area", line_dept = "R all",
	approve_window = "RCUFX area", approve_handler = "RCUF area", approve_chief = "RCUF area", ent_manager = "RCUF own", ent_operator = "RCUF own", data_engineer = "R all",
}
-- 办事指南可以要求填写的字段 what a guide may ask to be filled in
ASKED = {
	{ "project_code", "投资项目代码", "Code of the project" }, { "place", "位置", "Place" }, { "district", "受理的区", "District asked" }, { "manage_class", "许可管理类别", "Permit class" },
	{ "trade", "行业", "Trade" }, { "change_kind", "办理种类", "What is asked" }, { "permit_no", "许可证编号", "Permit" }, { "permit_expiry", "许可证有效期至", "Permit expires" },
	{ "river", "受纳水体", "River" }, { "outlet_way", "排放方式", "Way of discharge" }, { "flow_m3d", "日排放量", "Flow" }, { "request", "所需信息", "What is asked for" },
}
GUIDE_RIGHTS = {
	leader_city = "R all", leader_district = "R all", duty_city = "R all", duty_district = "R all", enforce_officer = "R all", line_dept = "R all",
	approve_window = "R all", approve_handler = "R all", approve_chief = "RCU all", ent_manager = "R all", ent_operator = "R all", data_engineer = "RX all",
}
