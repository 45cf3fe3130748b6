-- 页面 pages
view "approval_items" { title = { zh = "办事指南", en = "Guide" }, menu = "approvals", type = "approval_item", layout = "list", columns = { "code", "name", "level", "legal_days", "promised_days" }, filters = { "kind", "level" } }
view "approval_board" { title = { zh = "申请办理", en = "Applications in hand" }, menu = "approvals", flow = "approval", layout = "board", columns = { "no", "project", "applicant" }, filters = { "item", "admin_area" } }
view "approval_notices" { title = { zh = "审批公示", en = "Notices" }, menu = "approvals", type = "approval_notice", layout = "list", columns = { "item", "stage", "project", "applicant", "from", "to" }, filters = { "stage" } }
view "approval_materials" { title = { zh = "申请材料", en = "Materials" }, menu = "approvals", type = "approval_material", layout = "list", columns = { "name", "need", "source" }, filters = { "item" } }
view "night_board" { title = { zh = "夜间施工办理", en = "Night work in hand" }, menu = "approvals", flow = "night_work", layout = "board", columns = { "no", "project", "contractor" }, filters = { "process", "admin_area" } }
view "night_map" { title = { zh = "夜间施工地图", en = "Night work on the map" }, menu = "approvals", type = "night_work", layout = "map", columns = { "no", "project" } }
view "ban_windows" { title = { zh = "禁止时段", en = "Bans" }, menu = "approvals", type = "ban_window", layout = "list", columns = { "name", "from", "to" } }
layer "night_works" { title = { zh = "夜间施工", en = "Night work" }, type = "night_work", style = { field = "process" } }
seed { type = "approval_item", file = "data/approval_item.csv" }
seed { type = "approval_material", file = "data/approval_material.csv" }
seed { type = "ban_window", file = "data/ban_window.csv" }
seed { file = "data/demo.jsonl", demo = true }
view "enterprise_applications" { title = { zh = "审批", en = "Approvals" }, type = "discharger", layout = "file", sections = {
	{ id = "applications", title = { zh = "审批申请", en = "Applications" }, type = "application", via = "credit_code", from = "credit_code", columns = { "item", "accepted_at", "result_no" } } } }
