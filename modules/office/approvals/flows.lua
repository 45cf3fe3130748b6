-- 流程：收件、受理、审查、决定、送达、评价 from the window to the rating

local granted, refused, delivered, done, declined = closing_states()
flow "night_work" {
	record = "night_work", title = { zh = "夜间施工证明", en = "Proof of night work" }, version = 1, start = "draft", open_roles = APPLICANT,
	documents = {
		{ id = "receipt", title = { zh = "受理通知书", en = "Acceptance" }, template = "documents/receipt.html", number = "宁环受〔{year}〕{n}号", states = { "examining" }, needs = { "no", "accepted_at" } },
		{ id = "correction", title = { zh = "补正告知书", en = "Correction" }, template = "documents/correction.html", number = "宁环补〔{year}〕{n}号", states = { "received" }, needs = { "no", "correction" } },
		{ id = "proof", title = { zh = "夜间施工证明", en = "Proof of night work" }, template = "documents/proof.html", number = "宁环夜〔{year}〕{n}号", states = { "deciding" }, needs = { "no", "nights", "contractor", "facade_db" } },
		{ id = "refusal", title = { zh = "不予批准决定书", en = "Refusal" }, template = "documents/refusal.html", number = "宁环不予〔{year}〕{n}号", states = { "deciding" }, needs = { "no", "refusal" } },
	},
	states = {
		{ id = "draft", title = { zh = "草稿", en = "Draft" }, kind = "work", roles = APPLICANT, area = "case",
			form = { "item", "project", "licence", "contractor", "credit_code", "manager", "phone", "place", "process", "evidence", "nights", "machines", "facade_m", "barrier_db", "measures" },
			required = { "item", "project", "licence", "contractor", "credit_code", "manager", "phone", "place", "process", "evidence", "nights", "machines", "facade_m" },
			leave = { { to = "received", title = { zh = "提交", en = "Submit" }, needs = { files = { { kind = "evidence", min = 1, title = { zh = "工序证明材料", en = "Evidence of the process" } } },
				guard = function(x) return lacks(submit_lacks(x.record)) end } } }, allow = { "comment", "withdraw" } },
		received_state("night_work"),
		{ id = "examining", title = { zh = "审查中", en = "Examining" }, kind = "work", roles = { "approve_handler" }, area = "case", form = { "opinion", "measures" },
			clocks = course_clocks { "visit" },
			leave = { { to = "deciding", title = { zh = "报决定", en = "To the decision" }, needs = { fields = { "opinion" }, documents = { "receipt" }, guard = function(x) return lacks(examine_lacks(x.record, get("approval_item", x.record.item))) end } } },
			allow = { "comment", "transfer", "urge", "suspend", "return", "countersign", "add_signer" } },
		{ id = "deciding", title = { zh = "待决定", en = "Deciding" }, kind = "work", roles = { "approve_chief" }, area = "case", exclude = { "examining" }, form = { "refusal" },
			leave = {
				{ to = "granted", title = { zh = "准予", en = "Grant" }, needs = { documents = { "proof" } }, on = function(x)
					local no
					for _, d in ipairs(x.case.documents or {}) do
						no = d.document == "proof" and d.number or no
					end
					things.put { type = "night_work", id = x.case.id, set = { proof_no = no or null } }
				end },
				{ to = "refused", title = { zh = "不予", en = "Refuse" }, needs = { fields = { "refusal" }, documents = { "refusal" } } },
			}, allow = { "comment", "return", "urge", "countersign" } },
		granted, refused, delivered, done, declined,
	},
}
