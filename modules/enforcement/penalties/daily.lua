-- 按日连续处罚：一轮一件。原处罚的罚款 × 日数，自责令改正送达次日至复查发现仍在继续之日
-- Daily fine, one case a round: the original fine x the days from the day after service of the order to the recheck.

local function case_of(r)
	return r.case and get("penalty_case", r.case)
end
-- 这种行为、那一天，可不可以 whether the conduct may be followed by a daily fine on that day
function daily_rule(c)
	local day = c.act_end or c.discovered_at
	return c.conduct and law("enforcement/daily-conducts", c.conduct, day)
end

record "daily_round" {
	title = { zh = "按日连续处罚", en = "Daily fine" }, family = "cases", label = "internal", title_field = "no", area = "admin_area", org = "party_code", history = true,
	number = { format = "AR{date}{n:4}", field = "no" },
	fields = {
		f("no", "编号", "Number", "text", { list = true, search = true }),
		f("case", "原处罚案件", "Original case", "ref", { ref = "penalty_case", required = true, filter = true }),
		f("before", "上一轮", "Round before", "ref", { ref = "daily_round" }),
		f("round", "轮次", "Round", "integer", { list = true, compute = function(x)
			local b = x.record.before and get("daily_round", x.record.before)
			return b and b.round + 1 or 1
		end }),
		f("party_name", "当事人", "Party", "text", { max = 120, list = true, search = true, compute = function(x) local c = case_of(x.record) return c and c.party_name end }),
		f("party_code", "统一社会信用代码", "Credit code", "text", { max = 40, compute = function(x) local c = case_of(x.record) return c and c.party_code end }),
		f("party_address", "住所", "Address", "text", { max = 200, compute = function(x) local c = case_of(x.record) return c and c.party_address end }),
		f("admin_area", "管辖区", "Answering office", "area", { filter = true, compute = function(x) local c = case_of(x.record) return c and c.admin_area end }),
		f("original_fine", "原罚款", "Original fine", "money", { compute = function(x) local c = case_of(x.record) return c and c.fine end }),
		f("basis", "依据", "Basis", "text", { max = 200, compute = function(x)
			local c = case_of(x.record)
			local row = c and law("register/legal-basis", "daily_fine", c.act_end or c.discovered_at)
			return row and row.text
		end }),
		f("unsure_reason", "适用与否待核的判断", "Why it applies, where unsure", "text", { max = 500 }),
		f("order_served_at", "责令改正送达日", "Order served", "date", { required = true, list = true }),
		f("recheck_due", "最迟复查", "Recheck by", "date", { list = true, compute = function(x)
			return x.record.order_served_at and deadline("daily_recheck", x.record.order_served_at).last_day
		end }),
		f("rechecked_on", "复查日", "Rechecked", "date", { list = true }),
		pick("found", "复查结果", "Found", { { "continuing", "仍在继续", "Continuing" }, { "refused", "拒绝、阻挠复查（视为拒不改正）", "Refused" }, { "compliant", "已改正", "Compliant" } }, { list = true, filter = true }),
		f("found_text", "复查事实与证据", "Facts of the recheck", "longtext", { max = 2000 }),
		f("days", "计罚日数", "Days", "integer", { compute = function(x)
			local r = x.record
			return r.order_served_at and r.rechecked_on and (r.found == "continuing" or r.found == "refused") and daily_days(r.order_served_at, r.rechecked_on) or nil
		end }),
		f("total", "罚款总额", "Total", "money", { list = true, compute = function(x)
			local r = x.record
			return r.days and r.original_fine and string.format("%.0f", r.days * tonumber(r.original_fine)) or nil
		end }),
		f("total_words", "大写", "In words", "text", { max = 80, compute = function(x)
			return x.record.total and capital(tonumber(x.record.total))
		end }),
		f("notice_served_at", "告知书送达日", "Notice served", "date", {}),
		f("waived", "书面放弃陈述申辩", "Waived in writing", "bool", { default = false }),
		f("new_order_text", "再次责令改正内容", "The new order", "longtext", { max = 1000 }),
		f("decided_on", "决定日", "Decided", "date", {}),
		f("served_at", "送达日（连同再次责令改正）", "Served, with the new order", "date", {}),
		f("received_by", "收件人及关系", "Received by", "text", { max = 80 }),
	},
	rights = { leader_city = "RF all", leader_district = "RF area", enforce_lead = "RCUFX area", enforce_officer = "RCUFX area", legal_review = "R all", ent_manager = "R own" },
}

local function start_guard(x)
	local r, m = x.record, {}
	local c = case_of(r)
	local row = daily_rule(c)
	if not row or row.applies == "no" then
		m[#m + 1] = bad("这种行为不在可按日连续处罚之列", "this conduct is not followed by a daily fine")
	elseif row.applies ~= "yes" and not r.unsure_reason then
		m[#m + 1] = bad("这种行为是否适用没有核对，须写明判断", "unsure whether it applies: say why")
	end
	if not c.decision_date or not c.fine or tonumber(c.fine) <= 0 then
		m[#m + 1] = bad("原案尚未作出罚款决定", "the original case has no fine decided yet")
	end
	if r.order_served_at > r.rechecked_on then
		m[#m + 1] = bad("复查早于责令改正送达", "rechecked before the order was served")
	elseif r.rechecked_on > r.recheck_due then
		m[#m + 1] = bad("复查晚于送达之日起 30 日（最迟 " .. r.recheck_due .. "），须重新责令改正", "rechecked later than 30 days: a new order is needed")
	end
	if r.rechecked_on > today() then
		m[#m + 1] = bad("复查日在将来", "the recheck is in the future")
	end
	if r.found == "compliant" then
		m[#m + 1] = bad("复查已改正，不启动按日连续处罚", "found compliant: no daily fine")
	end
	if #m > 0 then
		return { missing = m }
	end
	return true
end

local DOC = { "party_name", "party_address", "original_fine", "days", "total", "basis" }
flow "daily_fine" {
	record = "daily_round", title = { zh = "按日连续处罚", en = "Daily fine" }, version = 1, start = "watching", open_roles = { "enforce_officer", "enforce_lead" },
	documents = {
		{ id = "daily_notice", title = { zh = "按日连续处罚事先告知书", en = "Notice of a daily fine" }, template = "documents/daily_notice.html", number = "宁环日罚告〔{year}〕{n}号", states = { "notice" }, needs = DOC },
		{ id = "daily_decision", title = { zh = "按日连续处罚决定书", en = "Daily fine" }, template = "documents/daily_decision.html", number = "宁环日罚〔{year}〕{n}号", states = { "deciding" }, needs = DOC },
		{ id = "daily_order", title = { zh = "再次责令改正决定书", en = "New order to correct" }, template = "documents/daily_order.html", number = "宁环责改〔{year}〕{n}号", states = { "deciding" }, needs = { "party_name", "new_order_text" } },
	},
	states = {
		{ id = "watching", title = { zh = "责令改正后待复查", en = "To be rechecked" }, kind = "work", roles = { "enforce_officer", "enforce_lead" }, area = "case",
			form = { "case", "before", "order_served_at", "rechecked_on", "found", "found_text", "unsure_reason" }, required = { "case", "order_served_at" },
			clocks = { { id = "recheck", title = { zh = "复查", en = "Recheck" }, law = "enforcement/deadlines/daily_recheck", from = "field:order_served_at", ladder = { { at = 0.5, act = "remind" }, { left = 3, act = "superior" }, { at = 1, act = "supervise" } } } },
			leave = {
				{ to = "notice", title = { zh = "拒不改正，启动", en = "Not corrected" }, needs = { fields = { "rechecked_on", "found", "found_text" }, guard = start_guard } },
				{ to = "corrected", title = { zh = "已改正", en = "Corrected" }, needs = { fields = { "rechecked_on", "found", "found_text" }, guard = function(x)
					if x.record.found ~= "compliant" then
						return { missing = { bad("复查结果不是已改正", "not found compliant") } }
					end
					return true
				end } },
			}, allow = { "comment", "transfer", "urge" } },
		{ id = "notice", title = { zh = "事先告知", en = "Notice" }, kind = "work", roles = { "enforce_officer", "enforce_lead" }, area = "case", form = { "notice_served_at", "waived", "new_order_text" },
			clocks = { { id = "statement", title = { zh = "陈述申辩", en = "Statement" }, law = "enforcement/deadlines/statement", from = "field:notice_served_at", ladder = { { at = 1, act = "remind" } } } },
			leave = { { to = "deciding", title = { zh = "提请决定", en = "To decision" }, needs = { fields = { "notice_served_at", "new_order_text" }, documents = { "daily_notice" }, guard = function(x)
				local due = deadline("statement", x.record.notice_served_at).next_working_day
				if not x.record.waived and today() <= due then
					return { missing = { bad("陈述申辩期限 " .. due .. " 未满，也没有书面放弃", "the time to state is not over, nor waived") } }
				end
				return true
			end } } }, allow = { "comment", "transfer", "urge", "return" } },
		{ id = "deciding", title = { zh = "决定", en = "Decision" }, kind = "work", roles = { "leader_district", "leader_city" }, area = "case", exclude = { "watching", "notice" },
			leave = { { to = "service", title = { zh = "作出决定", en = "Decide" }, needs = { documents = { "daily_decision", "daily_order" } }, on = function(x)
				things.put { type = "daily_round", id = x.case.id, set = { decided_on = today() } }
			end } }, allow = { "comment", "return", "urge" } },
		{ id = "service", title = { zh = "送达", en = "Service" }, kind = "work", roles = { "enforce_officer", "enforce_lead" }, area = "case", form = { "served_at", "received_by" },
			clocks = { { id = "delivery", title = { zh = "送达", en = "Service" }, law = "enforcement/deadlines/delivery", from = "enter", ladder = { { at = 0.67, act = "remind" }, { at = 1, act = "supervise" } } } },
			leave = { { to = "served", title = { zh = "已送达，开始下一轮", en = "Served; the next round begins" }, needs = { fields = { "served_at", "received_by" } }, on = function(x)
				-- 再次责令改正一并送达，三十日内再复查 the new order is served with it: rechecked again within thirty days
				cases.open { flow = "daily_fine", set = { case = x.record.case, before = x.case.id, order_served_at = x.record.served_at } }
			end } }, allow = { "comment", "urge" } },
		{ id = "served", title = { zh = "已送达", en = "Served" }, kind = "end", roles = { "enforce_lead" }, area = "case" },
		{ id = "corrected", title = { zh = "已改正，终止", en = "Corrected" }, kind = "end", roles = { "enforce_lead" }, area = "case" },
	},
}
