-- 流程：立案到归档 from the clue to the archive

local function missing(list)
	if #list > 0 then
		return { missing = list }
	end
	return true
end
local function want(list, ok, zh, en)
	if not ok then
		list[#list + 1] = bad(zh, en)
	end
end

-- 期限是否已过 whether a clock of the case has run out
local function overdue(case, clock)
	local now_us = (day_number(today()) * 86400 - 28800) * 1000000
	for _, c in ipairs(case.clocks or {}) do
		if c.clock == clock and c.due_us and c.due_us <= now_us then
			return true
		end
	end
	return false
end

-- 追责时效：二年；涉及生命健康安全、金融安全且有危害后果的五年；自行为终了之日起算
local function in_time(r)
	local step = r.harm_life and "limitation_life" or "limitation"
	return r.act_end and r.discovered_at and r.discovered_at <= deadline(step, r.act_end).last_day
end

local function filing_guard(x)
	local r, m = x.record, {}
	want(m, r.procedure == "general", "简易程序的案件不走立案", "a simple case is not filed")
	want(m, in_time(r), "已过追责时效（行政处罚法 36），不予立案", "time-barred")
	want(m, not (r.act_end and r.act_from) or r.act_end >= r.act_from, "行为终了早于开始", "the act ends before it begins")
	return missing(m)
end

local function simple_guard(x)
	local r, m = x.record, {}
	local most = parameter(r.party_kind == "person" and "simple.person_fine" or "simple.unit_fine", today())
	want(m, r.procedure == "simple", "程序须为简易程序", "the procedure must be simple")
	want(m, r.fine and tonumber(r.fine) <= most, string.format("简易程序罚款不超过 %d 元（行政处罚法 51）", most), "above what the simple procedure may fine")
	want(m, #(r.defence or {}) == 0 or r.defence[1].answer, "陈述申辩须当场答复", "the defence is unanswered")
	return missing(m)
end

local function officers_guard(m, r)
	local least = parameter("officers.minimum", today())
	want(m, #(r.officers or {}) >= least, string.format("执法人员不少于 %d 人（行政处罚法 42）", least), "at least two officers")
	for _, o in ipairs(r.officers or {}) do
		want(m, o.valid_to >= today(), o.name .. " 的执法证 " .. o.certificate .. " 已过期", "a certificate has expired")
	end
end

local function investigation_guard(x)
	local r, m = x.record, {}
	officers_guard(m, r)
	want(m, #(r.elements or {}) > 0, "没有列出违法构成要件", "no elements of the conduct")
	for _, e in ipairs(r.elements or {}) do
		local found = false
		for _, v in ipairs(r.evidence or {}) do
			if not v.excluded and v.proves then
				found = found or has_word(v.proves, e.id)
			end
		end
		want(m, found, "要件 " .. e.id .. "（" .. e.fact .. "）没有合法的证据", "an element without lawful evidence: " .. e.id)
	end
	for _, p in ipairs(r.preserved or {}) do
		want(m, p.outcome or today() <= deadline("evidence_kept", p.on).next_working_day, "先行登记保存的 " .. (p.what or "") .. " 已过 7 个工作日没有处理（行政处罚法 56）",
			"evidence kept in advance is overdue")
	end
	want(m, r.min_fine and r.max_fine and r.computed_fine, "没有裁量计算", "no discretion computed")
	want(m, r.fine, "没有拟处罚款（不罚款填 0）", "no proposed fine")
	return missing(m)
end

-- 听证的数额 whether the fine gives a right to a hearing
local function hearing_right(r)
	local from = parameter(r.party_kind == "person" and "hearing.person_fine" or "hearing.unit_fine", today())
	return r.heavy or (r.fine and tonumber(r.fine) >= from)
end

local function review_needed(r)
	return hearing_right(r) or r.hearing_at ~= nil
end

local function notice_guard(x)
	local r, m = x.record, {}
	want(m, not review_needed(r) or r.review_opinion == "agree", "须法制审核同意（行政处罚法 58）", "the legal review must agree")
	want(m, r.notified_fine and r.fine and tonumber(r.notified_fine) == tonumber(r.fine), "告知的罚款与拟处罚款不一致", "the fine notified differs")
	return missing(m)
end

local function statement_guard(x)
	local r, m = x.record, {}
	want(m, r.waived or (r.statement_due and today() > r.statement_due), "陈述申辩期限 " .. (r.statement_due or "") .. " 未满，也没有书面放弃", "the time to state is not over, nor waived")
	for _, d in ipairs(r.defence or {}) do
		want(m, d.answer and (d.answer == "accept" or d.reason), "申辩“" .. d.point .. "”没有答复", "a point of the defence is unanswered")
	end
	want(m, r.fine and tonumber(r.fine) <= tonumber(r.notified_fine), "罚款高于告知的数额：陈述申辩不得加重，须重新告知（行政处罚法 45）", "above what was notified: notify anew")
	return missing(m)
end

local function to_hearing_guard(x)
	local r, m = x.record, {}
	want(m, hearing_right(r), "未达听证的数额", "no right to a hearing")
	want(m, r.hearing_requested_at, "没有听证申请", "no request")
	want(m, not r.hearing_requested_at or r.hearing_requested_at <= (r.statement_due or ""), "听证申请已过期限（行政处罚法 64）", "the request came too late")
	return missing(m)
end

local function hearing_guard(x)
	local r, m = x.record, {}
	want(m, r.hearing_notice_served and r.hearing_at and deadline("hearing_notice", r.hearing_notice_served).last_day <= r.hearing_at, "听证通知须在听证的 7 个工作日前送达（行政处罚法 64）",
		"seven working days before the hearing")
	for _, o in ipairs(r.officers or {}) do
		want(m, o.name ~= r.hearing_chair, "主持人 " .. (r.hearing_chair or "") .. " 是本案调查人员", "the chair investigated the case")
	end
	return missing(m)
end

local function panel_guard(x)
	local r, m = x.record, {}
	want(m, r.panel_size and 2 * #(r.panel or {}) >= r.panel_size, "到会不足半数", "fewer than half are present")
	return missing(m)
end

local function decision_guard(x)
	local r, m = x.record, {}
	want(m, not review_needed(r) or r.review_opinion == "agree", "须法制审核同意（行政处罚法 58）", "the legal review must agree")
	want(m, not r.heavy or #(r.panel or {}) > 0, "重大复杂案件须集体讨论（行政处罚法 57）", "a heavy case needs the panel")
	want(m, r.fine and tonumber(r.fine) <= tonumber(r.notified_fine), "罚款高于告知的数额", "above what was notified")
	want(m, not overdue(x.case, "decision") or r.overdue_reason, "已过办案期限，须写明超期说明", "overdue: say why")
	return missing(m)
end

-- 申请法院强制执行：催告书送达十日之后，复议诉讼期限届满（终结）之后三个月以内（行政强制法 53、54）
-- The court is asked ten days after the press letter, within three months of the end of review and suit.
function court_lacks(r)
	local m = {}
	local on = r.court_applied_at
	if on then
		local pressed = r.press_served_at and deadline("press", r.press_served_at).last_day
		want(m, pressed and on > pressed, "催告书送达满十日才可申请法院执行（行政强制法 54）" .. (pressed and "：" .. pressed .. " 之后" or ""), "ten days after the press letter was served")
		want(m, r.court_from and on > r.court_from, "复议、诉讼期限 " .. (r.court_from or "") .. " 未满，不能申请法院执行（行政强制法 53）", "the time for review and suit is not over")
		want(m, not r.court_due or on <= r.court_due, "申请法院执行的期限 " .. (r.court_due or "") .. " 已过（行政强制法 53）", "the time to ask the court is over")
	end
	return m
end

local function closing_guard(x)
	local r, m = x.record, {}
	if r.closing_kind == "executed" then
		local sum = paid_sum(r)
		local due = tonumber(r.fine or 0) + tonumber(r.surcharge_due or 0)
		want(m, sum >= due, string.format("已缴 %d 元，应缴 %d 元（含加处罚款），不能以执行完毕结案", math.floor(sum), math.floor(due)), "not paid in full")
	elseif r.closing_kind == "court" then
		want(m, r.court_applied_at, "没有申请法院执行", "not applied to the court")
		for _, why in ipairs(court_lacks(r)) do
			m[#m + 1] = why
		end
		local made = false
		for _, d in ipairs(x.case.documents or {}) do
			made = made or d.document == "court" and not d.void_us
		end
		want(m, made, "没有强制执行申请书", "the application was not made")
	end
	return missing(m)
end

local RETURN = { "return", "comment", "transfer", "urge", "add_signer", "countersign", "pause" }
local WORK = { "comment", "transfer", "urge", "suspend", "pause", "extend", "withdraw" }
local LADDER = { { at = 0.67, act = "remind" }, { at = 0.85, act = "superior" }, { at = 1, act = "supervise" } }

flow "penalty" {
	record = "penalty_case", title = { zh = "行政处罚", en = "Penalty" }, version = 1, start = "clue",
	-- 办案期限：自立案之日起 90 日；延长 30 日须批准；中止、听证、公告、监测、鉴定、认定、送达不计入，重叠只算一次
	clocks = { { id = "decision", title = { zh = "作出决定", en = "Decision" }, law = "enforcement/deadlines/decision", from = "field:filed_at",
		["until"] = { "service", "closing", "archiving", "archived" }, pause = { "suspension", "hearing", "public_notice", "monitoring", "appraisal", "identification", "service" },
		extension = 30, extend_roles = { "enforce_lead", "leader_district", "leader_city" },
		ladder = { { passed = 60, act = "remind" }, { passed = 75, act = "superior" }, { passed = 85, act = "supervise" }, { at = 1, act = "leader" } } },
		-- 三个月约剩 30、10、3 日时提醒；过了就失去申请的权利 about 30, 10 and 3 days before the right is lost
		{ id = "court", title = { zh = "申请法院执行", en = "Court" }, law = "enforcement/deadlines/court", from = "field:court_from", ["until"] = { "closing", "archiving", "archived" },
			ladder = { { at = 0.67, act = "remind" }, { at = 0.89, act = "superior" }, { at = 0.967, act = "supervise" }, { at = 1, act = "leader" } } } },
	states = {
		{ id = "clue", title = { zh = "线索", en = "Clue" }, kind = "work", roles = { "enforce_officer", "enforce_lead" }, area = "case",
			form = { "title", "procedure", "party_kind", "party_name", "party_code", "party_idcard", "party_address", "legal_rep", "party_phone", "conduct", "act_text", "act_place", "act_from", "act_end", "harm_life",
				"discovered_at", "how", "violated_clause", "penalty_clause", "law_version", "not_filed_reason", "transfer_to", "transfer_reason", "officers", "fine", "defence" },
			required = { "title", "discovered_at" },
			clocks = { { id = "filing", title = { zh = "立案", en = "Filing" }, law = "enforcement/deadlines/filing", from = "field:discovered_at", ladder = LADDER } },
			leave = {
				{ to = "filing", title = { zh = "提请立案", en = "Propose filing" },
					needs = { fields = { "party_kind", "party_name", "conduct", "act_text", "act_place", "act_end", "how", "violated_clause", "penalty_clause" }, guard = filing_guard } },
				{ to = "service", title = { zh = "当场处罚", en = "On-the-spot penalty" }, needs = { fields = { "party_kind", "party_name", "conduct", "act_text", "penalty_clause", "fine" }, documents = { "simple" }, guard = simple_guard } },
				{ to = "not_filed", title = { zh = "不予立案", en = "Do not file" }, needs = { fields = { "not_filed_reason" }, documents = { "no_filing" } } },
				{ to = "handed_over", title = { zh = "移送管辖", en = "Hand over" }, needs = { fields = { "transfer_to", "transfer_reason" }, documents = { "jurisdiction" } } },
			}, allow = WORK },
		{ id = "filing", title = { zh = "立案审批", en = "Filing" }, kind = "work", roles = { "enforce_lead", "leader_district", "leader_city" }, area = "case",
			leave = {
				{ to = "investigation", title = { zh = "批准立案", en = "Approve" }, needs = { documents = { "filing" } }, on = function(x)
					things.put { type = "penalty_case", id = x.case.id, set = { filed_at = today(), case_no = number("宁环立〔{year}〕{n}号") } }
				end },
				{ to = "not_filed", title = { zh = "不予立案", en = "Do not file" }, needs = { fields = { "not_filed_reason" }, documents = { "no_filing" } } },
			}, form = { "not_filed_reason" }, allow = RETURN },
		{ id = "investigation", title = { zh = "调查取证", en = "Investigation" }, kind = "work", roles = { "enforce_officer", "enforce_lead" }, area = "case",
			form = { "officers", "elements", "evidence", "statements", "site_text", "preserved", "order_text", "order_served_at", "min_fine", "max_fine", "discretion_table", "discretion",
				"adjust", "adjust_clause", "fine", "other_penalty", "heavy", "lighter_rule", "transfer_to", "transfer_reason", "act_text" },
			
			leave = {
				{ to = "review", title = { zh = "送法制审核", en = "To legal review" }, needs = { fields = { "site_text" }, documents = { "site_record", "evidence_list", "report" }, guard = investigation_guard } },
				{ to = "notice", title = { zh = "拟处罚告知", en = "To notice" }, needs = { fields = { "site_text" }, documents = { "site_record", "evidence_list", "report" }, guard = function(x)
					local ok = investigation_guard(x)
					if ok == true and review_needed(x.record) then
						return { missing = { bad("本案须经法制审核（行政处罚法 58）", "this case needs the legal review") } }
					end
					return ok
				end } },
				{ to = "closing", title = { zh = "不予处罚或移送，终结调查", en = "End without penalty" }, needs = { fields = { "adjust_clause" }, documents = { "report" }, guard = function(x)
					if x.record.adjust ~= "exempt" and not x.record.transfer_to then
						return { missing = { bad("须有不予处罚的情节，或移送机关", "needs the reason of no penalty, or where it goes") } }
					end
					return true
				end } },
			}, allow = WORK },
		{ id = "review", title = { zh = "法制审核", en = "Legal review" }, kind = "work", roles = { "legal_review" }, area = "city", exclude = { "clue", "investigation" },
			form = { "review_opinion", "review_text" },
			clocks = { { id = "review", title = { zh = "审核", en = "Review" }, law = "enforcement/deadlines/legal_review", from = "enter", ladder = LADDER } },
			leave = { { to = "notice", title = { zh = "审核同意", en = "Agree" }, needs = { fields = { "review_opinion", "review_text" }, documents = { "review" }, guard = function(x)
				if x.record.review_opinion ~= "agree" then
					return { missing = { bad("意见不是同意：退回补正", "not agreed: return it") } }
				end
				return true
			end } } }, allow = RETURN },
		{ id = "notice", title = { zh = "事先告知", en = "Notice" }, kind = "work", roles = { "enforce_officer", "enforce_lead" }, area = "case",
			form = { "fine", "notified_fine", "notice_served_at", "order_text", "order_served_at" },
			leave = { { to = "statement", title = { zh = "已告知", en = "Notified" }, needs = { fields = { "notified_fine", "notice_served_at" }, documents = { "notice", "discretion_sheet" }, guard = notice_guard } } },
			allow = WORK },
		{ id = "statement", title = { zh = "陈述申辩", en = "Statement" }, kind = "wait", roles = { "enforce_officer", "enforce_lead" }, area = "case",
			form = { "waived", "defence", "hearing_requested_at", "fine", "heavy" },
			clocks = { { id = "statement", title = { zh = "陈述申辩", en = "Statement" }, law = "enforcement/deadlines/statement", from = "field:notice_served_at", ladder = { { at = 1, act = "remind" } } } },
			leave = {
				{ to = "hearing", title = { zh = "组织听证", en = "To a hearing" }, needs = { fields = { "hearing_requested_at" }, guard = to_hearing_guard } },
				{ to = "panel", title = { zh = "集体讨论", en = "To the panel" }, needs = { guard = statement_guard } },
				{ to = "decision", title = { zh = "提请决定", en = "To decision" }, needs = { guard = function(x)
					local ok = statement_guard(x)
					if ok == true and x.record.heavy then
						return { missing = { bad("重大复杂案件须集体讨论（行政处罚法 57）", "a heavy case goes to the panel") } }
					end
					return ok
				end } },
				{ to = "notice", title = { zh = "重新告知", en = "Notify anew" } },
			}, allow = WORK },
		{ id = "hearing", title = { zh = "听证", en = "Hearing" }, kind = "work", roles = { "legal_review", "enforce_lead" }, area = "case", exclude = { "clue", "investigation" },
			form = { "hearing_notice_served", "hearing_at", "hearing_chair", "hearing_text" },
			leave = { { to = "panel", title = { zh = "听证结束", en = "Hearing held" }, needs = { fields = { "hearing_notice_served", "hearing_at", "hearing_chair", "hearing_text" },
				documents = { "hearing_notice", "hearing_minutes" }, guard = hearing_guard } } }, allow = WORK },
		{ id = "panel", title = { zh = "集体讨论", en = "Panel" }, kind = "work", roles = { "enforce_lead", "leader_district", "leader_city" }, area = "case",
			form = { "panel_size", "panel", "fine" },
			leave = { { to = "decision", title = { zh = "形成意见", en = "Agreed" }, needs = { fields = { "panel_size", "panel" }, documents = { "panel_minutes" }, guard = panel_guard } } }, allow = RETURN },
		{ id = "decision", title = { zh = "决定", en = "Decision" }, kind = "work", roles = { "leader_district", "leader_city" }, area = "case",
			form = { "fine", "other_penalty", "overdue_reason" },
			leave = { { to = "service", title = { zh = "作出决定", en = "Decide" }, needs = { fields = { "fine" }, documents = { "decision" }, guard = decision_guard }, on = function(x)
				things.put { type = "penalty_case", id = x.case.id, set = { decision_date = today() } }
			end } }, allow = RETURN },
		{ id = "service", title = { zh = "送达", en = "Service" }, kind = "work", roles = { "enforce_officer", "enforce_lead" }, area = "case",
			form = { "service_way", "served_at", "received_by" },
			clocks = { { id = "delivery", title = { zh = "送达", en = "Service" }, law = "enforcement/deadlines/delivery", from = "enter", ladder = LADDER } },
			leave = { { to = "execution", title = { zh = "已送达", en = "Served" }, needs = { fields = { "service_way", "served_at", "received_by" }, documents = { "receipt" } } } }, allow = WORK },
		{ id = "execution", title = { zh = "执行", en = "Execution" }, kind = "wait", roles = { "enforce_officer", "enforce_lead" }, area = "case",
			form = { "paid", "paused_days", "instalment", "closing_kind" },
			clocks = { { id = "payment", title = { zh = "缴纳罚款", en = "Payment" }, law = "enforcement/deadlines/payment", from = "field:served_at", ladder = { { at = 0.8, act = "remind" }, { at = 1, act = "superior" } } } },
			leave = {
				{ to = "closing", title = { zh = "执行完毕", en = "Executed" }, needs = { fields = { "closing_kind" }, guard = closing_guard } },
				{ to = "press", title = { zh = "催告", en = "Press" }, needs = { documents = { "press" } } },
			}, allow = WORK },
		{ id = "press", title = { zh = "催告与强制执行", en = "Enforcement" }, kind = "wait", roles = { "enforce_officer", "enforce_lead" }, area = "case",
			form = { "press_served_at", "review_ended_on", "court_applied_at", "paid", "paused_days", "closing_kind" },
			clocks = { { id = "press", title = { zh = "催告期满", en = "Press letter over" }, law = "enforcement/deadlines/press", from = "enter", ladder = { { at = 1, act = "remind" } } } },
			leave = { { to = "closing", title = { zh = "执行终结", en = "Ended" }, needs = { fields = { "closing_kind" }, guard = closing_guard } } }, allow = WORK },
		{ id = "closing", title = { zh = "结案", en = "Closing" }, kind = "work", roles = { "enforce_lead", "leader_district", "leader_city" }, area = "case",
			form = { "closing_kind" },
			clocks = { { id = "closing", title = { zh = "结案", en = "Closing" }, law = "enforcement/deadlines/closing", from = "enter", ladder = LADDER } },
			leave = { { to = "archiving", title = { zh = "批准结案", en = "Close" }, needs = { fields = { "closing_kind" }, documents = { "closing" } }, on = function(x)
				things.put { type = "penalty_case", id = x.case.id, set = { closed_at = today() } }
			end } }, allow = RETURN },
		{ id = "archiving", title = { zh = "归档", en = "Archiving" }, kind = "work", roles = { "enforce_officer", "enforce_lead" }, area = "case",
			clocks = { { id = "archive", title = { zh = "归档", en = "Archive" }, law = "enforcement/deadlines/archive", from = "enter", ladder = LADDER } },
			leave = { { to = "archived", title = { zh = "归档", en = "Archive" }, needs = { documents = { "file_index" } } } }, allow = { "comment" } },
		{ id = "archived", title = { zh = "已归档", en = "Archived" }, kind = "end", roles = { "enforce_lead" }, area = "case" },
		{ id = "not_filed", title = { zh = "不予立案", en = "Not filed" }, kind = "end", roles = { "enforce_lead" }, area = "case" },
		{ id = "handed_over", title = { zh = "已移送", en = "Handed over" }, kind = "end", roles = { "enforce_lead" }, area = "case" },
	},
	documents = penalty_documents(),
}
