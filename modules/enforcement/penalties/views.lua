view "penalty_cases" { title = { zh = "处罚案件", en = "Penalty cases" }, menu = "enforcement", flow = "penalty", layout = "board", columns = { "title", "party_name", "conduct", "fine" }, filters = { "conduct", "admin_area" } }
view "penalty_list" { title = { zh = "案件台账", en = "Ledger of cases" }, menu = "enforcement", type = "penalty_case", layout = "list", columns = { "case_no", "title", "party_name", "filed_at", "decision_date", "fine" },
	filters = { "conduct", "admin_area", "filed_at", "closing_kind" } }
