-- 流程：收件、受理、审查、决定、送达、评价 from the window to the rating

local OFFICE = { "approve_window", "approve_handler", "approve_chief" }
local APPLICANT = { "ent_manager", "ent_operator", "approve_window" }

local function lacks(list)
	if #list > 0 then
		return { missing = list }
	end
	return true
end

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
		-- 五个工作日不作声即为受理（行政许可法 32）
		{ id = "received", title = { zh = "已提交，待受理", en = "Received" }, kind = "work", roles = { "approve_window" }, area = "case", form = { "correction" },
			clocks = { { id = "acceptance", title = { zh = "受理", en = "Acceptance" }, ["for"] = { n = 5, unit = "working_day" }, from = "enter", ladder = { { at = 0.8, act = "remind" }, { at = 1, act = "supervise" } } } },
			leave = {
				{ id = "accept", to = "examining", title = { zh = "受理", en = "Accept" }, on = function(x)
					things.put { type = "night_work", id = x.case.id, set = { accepted_at = today(), silent = x.by.id == "system" } }
				end },
				{ id = "correct", to = "draft", title = { zh = "一次告知补正", en = "Ask for a correction" }, needs = { fields = { "correction" }, documents = { "correction" } } },
				{ id = "not_ours", to = "declined", title = { zh = "不予受理", en = "Not accepted" }, needs = { fields = { "correction" } } },
			}, allow = { "comment", "transfer", "urge" } },
		{ id = "examining", title = { zh = "审查中", en = "Examining" }, kind = "work", roles = { "approve_handler" }, area = "case", form = { "opinion", "measures" },
			clocks = { { id = "promised", title = { zh = "承诺时限", en = "Promised" }, ["for"] = function(x)
				local item = get("approval_item", x.record.item)
				return { n = item.promised_days, unit = item.day_kind == "calendar" and "day" or "working_day" }
			end, from = "enter", ["until"] = { "granted", "refused" }, pause = { "visit" }, ladder = { { at = 0.5, act = "remind" }, { at = 1, act = "superior" } } },
				{ id = "legal", title = { zh = "法定时限", en = "Legal" }, ["for"] = function(x)
					local item = get("approval_item", x.record.item)
					return { n = item.legal_days, unit = item.day_kind == "calendar" and "day" or "working_day" }
				end, from = "enter", ["until"] = { "granted", "refused" }, pause = { "visit" }, ladder = { { at = 1, act = "leader" } } } },
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
		{ id = "granted", title = { zh = "准予，待送达", en = "Granted" }, kind = "work", roles = { "approve_window" }, area = "case", form = { "delivered_at" },
			leave = { { to = "delivered", title = { zh = "送达", en = "Deliver" }, needs = { fields = { "delivered_at" } } } }, allow = { "comment" } },
		{ id = "refused", title = { zh = "不予，待送达", en = "Refused" }, kind = "work", roles = { "approve_window" }, area = "case", form = { "delivered_at" },
			leave = { { to = "delivered", title = { zh = "送达", en = "Deliver" }, needs = { fields = { "delivered_at" } } } }, allow = { "comment" } },
		{ id = "delivered", title = { zh = "已送达，待评价", en = "Delivered" }, kind = "work", roles = APPLICANT, area = "case", form = { "stars", "rating_text" },
			leave = { { to = "done", title = { zh = "评价", en = "Rate" }, needs = { fields = { "stars" } }, on = function(x)
				if x.record.stars <= 2 then
					notify { to = { role = "approve_chief", area = x.case.area }, level = "urge", title = { zh = "差评须 1 个工作日内回访：" .. x.record.project, en = "Bad rating: call back within a working day" },
						body = { zh = x.record.rating_text or "", en = x.record.rating_text or "" } }
				end
			end } }, allow = { "comment" } },
		{ id = "done", title = { zh = "已办结", en = "Done" }, kind = "end", roles = OFFICE, area = "case" },
		{ id = "declined", title = { zh = "不予受理", en = "Declined" }, kind = "end", roles = OFFICE, area = "case" },
	},
}

local function now_us()
	return math.floor(time_diff(now(), "1970-01-01T08:00:00+08:00")) * 1000000
end

-- 默认受理：收件满五个工作日没有答复
every "silent_acceptance" { "PT1H", function()
	for _, c in ipairs(cases.find { flow = "night_work", state = "received" }) do
		local due = cases.get("night_work", c.id).clocks[1].due_us
		if due and due <= now_us() then
			cases.act { flow = "night_work", id = c.id, act = "go", to = "accept", note = "五个工作日未答复，自收到之日起即为受理（行政许可法 32）" }
		end
	end
end }
