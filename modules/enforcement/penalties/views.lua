view "penalty_cases" { title = { zh = "处罚案件", en = "Penalty cases" }, menu = "enforcement", flow = "penalty", layout = "board", columns = { "title", "party_name", "conduct", "fine" }, filters = { "conduct", "admin_area" } }
view "penalty_list" { title = { zh = "案件台账", en = "Ledger of cases" }, menu = "enforcement", type = "penalty_case", layout = "list", columns = { "case_no", "title", "party_name", "filed_at", "decision_date", "fine" },
	filters = { "conduct", "admin_area", "filed_at", "closing_kind" } }
view "daily_fines" { title = { zh = "按日连续处罚", en = "Daily fines" }, menu = "enforcement", flow = "daily_fine", layout = "board", columns = { "no", "party_name", "total" }, filters = { "admin_area", "found" } }
view "transfers" { title = { zh = "案件移送", en = "Transfers" }, menu = "enforcement", flow = "transfer", layout = "board", columns = { "no", "to_office", "answer_due" }, filters = { "partner", "admin_area" } }
view "disclosures" { title = { zh = "处罚公示", en = "Publicity" }, menu = "enforcement", flow = "disclosure", layout = "board", columns = { "case_no", "due", "ends_on" }, filters = { "admin_area" } }
view "published_penalties" { title = { zh = "已公开的决定", en = "Published" }, menu = "enforcement", type = "penalty_public", layout = "list", columns = { "case_no", "party", "decision_date", "until" } }
seed { file = "data/demo.jsonl", demo = true }
view "enterprise_cases" { title = { zh = "处罚", en = "Penalties" }, type = "discharger", layout = "file", sections = {
	{ id = "penalties", title = { zh = "处罚案件", en = "Penalty cases" }, type = "penalty_case", via = "discharger", columns = { "case_no", "conduct", "filed_at", "decision_date", "fine", "closing_kind" } } } }
