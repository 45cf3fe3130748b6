view "draws" { title = { zh = "抽取", en = "Draws" }, menu = "enforcement", flow = "draw", layout = "list", columns = { "draw", "quarter", "day", "frozen_at" } }
view "inspectors" { title = { zh = "执法人员", en = "Inspectors" }, menu = "enforcement", type = "inspector", layout = "list", columns = { "code", "certificate", "valid_to" } }
view "inspection_tasks" { title = { zh = "检查任务", en = "Inspection tasks" }, menu = "enforcement", flow = "inspection", layout = "board", columns = { "title", "officers", "window_to" } }

seed { type = "inspector", file = "data/inspector.csv" }
view "enterprise_inspections" { title = { zh = "检查", en = "Inspections" }, type = "discharger", layout = "file", sections = {
	{ id = "inspections", title = { zh = "执法检查", en = "Inspections" }, type = "inspection_task", via = "discharger", columns = { "kind", "officers", "visit_on", "result" }, sort = "-window_to" } } }
