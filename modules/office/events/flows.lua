-- 流程：分析确认、任务调控、决策、回销、后评价 the stages after discovery

-- 各级时限是按日期、按区的数据，不是法（events §3） limits by grade, area and date, data and not law
local function limit(name, otherwise)
	return function(x)
		local best
		for _, l in ipairs(all_of("event_limit", { { field = "stage", op = "=", value = name }, { field = "grade", op = "=", value = x.record.grade } })) do
			local here = l.admin_area == nil or l.admin_area == x.record.admin_area
			local now_in = l.valid_from <= today() and (not l.valid_to or l.valid_to >= today())
			if here and now_in and (not best or (l.admin_area ~= nil) and not best.admin_area or (l.admin_area == best.admin_area and l.valid_from > best.valid_from)) then
				best = l
			end
		end
		if not best and otherwise then
			return otherwise
		end
		if not best then
			error("没有时限 " .. name .. "，先装入 data/event_limit.csv（no limit: load the seed）")
		end
		return { n = best.n, unit = best.unit }
	end
end
local LADDER = { { at = 0.5, act = "remind" }, { at = 0.8, act = "superior" }, { at = 1, act = "supervise" }, { at = 1.5, act = "leader" } }
local function clock(id, zh, en)
	return { { id = id, title = { zh = zh, en = en }, ["for"] = limit(id), from = "enter", ladder = LADDER } }
end
local ALLOW = { "comment", "urge", "transfer", "return", "suspend", "countersign", "add_signer" }
local LEADER = { "comment", "urge", "transfer", "return", "suspend", "countersign", "add_signer", "jump" }
local DUTY = { "duty_city", "duty_district" }
local FIELD = { "town_grid", "enforce_officer", "duty_district", "monitor_district" }
local CHIEFS = { "leader_city", "leader_district" }

local function missing(list)
	if #list > 0 then
		return { missing = list }
	end
	return true
end

local function confirm_guard(x)
	local r, m = x.record, {}
	if r.grade ~= r.computed_grade and not r.grade_reason then
		m[#m + 1] = bad("改了计算出的等级（" .. (r.computed_grade or "") .. "），须写明理由", "the computed grade was changed: say why")
	end
	if not r.place and not r.object then
		m[#m + 1] = bad("没有位置，也没有对象", "neither place nor object")
	end
	return missing(m)
end

-- 并入别件的不算不予立案 what was merged into another is no rejection
local function reject_guard(x)
	local r, m = x.record, {}
	if (r.grade == "1" or r.grade == "2") and not (r.reject_code == "duplicate" and r.merge_into) then
		m[#m + 1] = bad("特急、紧急事件不予立案须另一人会签：请“不予立案，送会签”", "grades 1 and 2 are rejected by two people: send it to be co-signed")
	end
	return missing(m)
end

-- 人工归并：并入较早的一件，线索移过去，编号留早的 merging by hand: into the elder, which keeps its number
local MERGED = { confirming = true, observing = true, dispatching = true, dispatched = true, on_site = true, deciding = true, closing = true }
local function merge_guard(x)
	local into, m = get("event", x.record.merge_into), {}
	local case = head_of(into)
	if not case or into.id == x.case.id then
		m[#m + 1] = bad("没有可并入的事件", "there is no event to merge into")
	elseif not MERGED[case.state] then
		m[#m + 1] = bad("那一件已在「" .. case.state_title.zh .. "」，不能再并入", "that one is past taking in others")
	elseif time_diff(into.found_at, x.record.found_at) > 0 then
		m[#m + 1] = bad("并入较早发现的一件：请在那一件里并入这一件", "merge into the one found earlier: do it from there")
	end
	return missing(m)
end
local function merge_effect(x)
	local into = get("event", x.record.merge_into)
	for _, s in ipairs(all_of("signal", { { field = "event", op = "=", value = x.case.id } })) do
		things.put { type = "signal", id = s.id, set = { event = into.id, was = x.case.id, proposed = null, attach_how = "hand", attach_reason = "人工并入：原属 " .. (x.record.no or x.record.title) } }
	end
	things.put { type = "event", id = x.case.id, set = { reject_code = "duplicate", reject_text = "并入 " .. (into.no or into.title) } }
	things.put { type = "event", id = into.id, set = { by_hand = true } }
	refresh(into.id)
end
local MERGE = { id = "merge", to = "rejected", title = { zh = "并入另一事件", en = "Merge into another" }, needs = { fields = { "merge_into" }, guard = merge_guard }, on = merge_effect }

local function dispatch_effect(x)
	local e = get("event", x.case.id)
	local set, holes = people_for(e, now())
	local p = procedure_for(e.nature, today())
	things.put { type = "event", id = e.id, set = { assignees = set, procedure = p and p.id or null } }
	for _, a in ipairs(set) do
		notify { to = { user = a.user }, level = e.grade == "1" and "alarm" or "urge", link = "/cases/event/" .. e.id,
			title = { zh = e.grade .. " 级事件：" .. e.title, en = "Event of grade " .. e.grade },
			body = { zh = string.format("%s，自 %s，%d 条线索。规程：%s", e.title, e.first_seen, e.signals or 0, p and p.steps or "无"), en = "See the procedure in the case." } }
	end
	if #holes > 0 then
		notify { to = { role = "duty_city" }, level = "urge", title = { zh = "派不出人：" .. e.title, en = "Nobody on duty" },
			body = { zh = "缺岗位 " .. table.concat(holes, "、"), en = "missing: " .. table.concat(holes, ", ") } }
	end
end

-- 到时没有接收：通知替班的人，一并列为承办
local function substitute_effect(x)
	local e = get("event", x.case.id)
	local set = {}
	for _, a in ipairs(e.assignees or {}) do
		set[#set + 1] = a
		for _, s in ipairs(all_of("shift", { { field = "user", op = "=", value = a.user }, { field = "to", op = ">", value = now() } })) do
			if s.substitute then
				set[#set + 1] = { user = s.substitute, name = s.substitute, post = a.post, why = "替 " .. a.name .. "：到时没有接收" }
				notify { to = { user = s.substitute }, level = "urge", link = "/cases/event/" .. e.id, title = { zh = "替班接手：" .. e.title, en = "Substitute: " .. e.title },
					body = { zh = a.name .. " 到时没有接收，请接手", en = a.name .. " has not accepted in time" } }
			end
		end
	end
	if #set > #(e.assignees or {}) then
		things.put { type = "event", id = e.id, set = { assignees = set } }
	end
end

local function arrive_guard(x)
	local r, m = x.record, {}
	if not r.arrived_place and not r.arrived_reason then
		m[#m + 1] = bad("没有到场位置，也没有理由", "no position of arrival, nor a reason")
	elseif r.arrived_place and r.place and not r.arrived_reason then
		local p, q = r.arrived_place.coordinates, r.place.coordinates
		local d = distance_m(p[1], p[2], q[1], q[2])
		if d > 300 then
			m[#m + 1] = bad(string.format("到场位置距事件 %.0f 米，超过 300 米，须写明理由", d), string.format("%.0f m from the event: say why", d))
		end
	end
	return missing(m)
end

local function close_guard(x)
	local m = closing_lacks(x.case, x.record)
	return missing(m)
end

flow "event" {
	files = {
		{ kind = "photo", title = { zh = "照片", en = "Photo" } }, { kind = "track", title = { zh = "上游排查轨迹", en = "Track of the walk upstream" } },
		{ kind = "stop_order", title = { zh = "应急终止令", en = "Order that ends the response" } }, { kind = "report", title = { zh = "终报", en = "Final report" } },
		{ kind = "calibration", title = { zh = "声校准记录", en = "Record of the calibrator" } }, { kind = "power", title = { zh = "用电曲线", en = "Power curve" } },
		{ kind = "maintenance", title = { zh = "运维记录", en = "Record of maintenance" } },
	},
	record = "event", title = { zh = "事件处置", en = "Handling of an event" }, version = 1, start = "confirming",
	documents = {
		{ id = "sheet", title = { zh = "事件单", en = "Event sheet" }, template = "documents/sheet.html", needs = { "no", "title" } },
		{ id = "order", title = { zh = "交办单", en = "Dispatch order" }, template = "documents/order.html", number = "宁环交办〔{year}〕{n}号", states = { "dispatching", "dispatched", "on_site", "deciding" }, needs = { "no", "title", "assignees" } },
	},
	states = {
		{ id = "confirming", title = { zh = "分析确认", en = "Confirming" }, kind = "work", roles = DUTY, area = "case",
			form = { "title", "nature", "place", "object", "object_name", "admin_area", "grade", "grade_reason", "sensitive", "casualties", "key_unit", "attention", "reject_code", "reject_text", "observe_h", "owner", "merge_into" },
			clocks = clock("confirm", "确认", "Confirm"),
			leave = {
				{ to = "dispatching", title = { zh = "确认", en = "Confirm" }, needs = { fields = { "grade", "admin_area", "owner" }, guard = confirm_guard } },
				{ to = "observing", title = { zh = "观察", en = "Observe" }, needs = { fields = { "observe_h" } } },
				{ to = "rejected", title = { zh = "不予立案", en = "Reject" }, needs = { fields = { "reject_code", "reject_text" }, guard = reject_guard } },
				{ to = "rejecting", title = { zh = "不予立案，送会签", en = "Reject, to be co-signed" }, needs = { fields = { "reject_code", "reject_text" } } },
				MERGE,
			}, allow = { "comment", "urge", "transfer" } },
		{ id = "observing", title = { zh = "观察中", en = "Observing" }, kind = "wait", roles = DUTY, area = "case", form = { "reject_code", "reject_text", "observe_h" },
			leave = {
				{ to = "confirming", title = { zh = "再现，重新确认", en = "Seen again" } },
				{ to = "rejected", title = { zh = "未再现，办结", en = "Not seen again" }, needs = { fields = { "reject_code", "reject_text" } } },
			}, allow = { "comment" } },
		-- 特急、紧急事件不予立案，须另一人会签 grades 1 and 2 are rejected by two people
		{ id = "rejecting", title = { zh = "不予立案会签", en = "Rejection co-signed" }, kind = "work", roles = DUTY, area = "case", exclude = { "confirming" }, form = { "reject_code", "reject_text" },
			clocks = { { id = "cosign", title = { zh = "会签", en = "Co-signing" }, ["for"] = { n = 24, unit = "hour" }, from = "enter", ladder = LADDER } },
			leave = {
				{ to = "rejected", title = { zh = "同意不予立案", en = "Agree to reject" }, needs = { fields = { "reject_code", "reject_text" } } },
				{ to = "confirming", title = { zh = "不同意，退回确认", en = "Disagree, confirm again" } },
			}, allow = { "comment", "urge" } },
		{ id = "rejected", title = { zh = "不予立案", en = "Rejected" }, kind = "end", roles = DUTY, area = "case", allow = { "reopen" } }, -- 只由拆分重开 opened again by a parting only
		{ id = "dispatching", title = { zh = "任务调控", en = "Dispatching" }, kind = "work", roles = DUTY, area = "case",
			form = { "owner", "grade", "grade_reason" },
			on_enter = dispatch_effect,
			leave = { { to = "dispatched", title = { zh = "派发", en = "Dispatch" }, needs = { guard = function(x)
				if #(x.record.assignees or {}) == 0 then
					return { missing = { bad("没有承办人：值守表里这个区没有在班的人，先补班次再派", "nobody on duty: fill the roster first") } }
				end
				return true
			end } } }, allow = ALLOW },
		{ id = "dispatched", title = { zh = "已派发，待到场", en = "Dispatched" }, kind = "work", roles = FIELD, area = "case",
			form = { "arrived_at", "arrived_place", "arrived_reason" },
			clocks = { { id = "read", title = { zh = "接收", en = "Accept" }, ["for"] = limit("read"), from = "enter", ladder = { { at = 1, act = "call", fn = substitute_effect, title = { zh = "替班接手", en = "Substitutes take over" } }, { at = 2, act = "superior" }, { at = 3, act = "leader" } } },
				{ id = "arrive", title = { zh = "到场", en = "Arrive" }, ["for"] = limit("arrive"), from = "enter", ladder = LADDER } },
			leave = { { to = "on_site", title = { zh = "到场", en = "On site" }, needs = { fields = { "arrived_at" }, guard = arrive_guard } } }, allow = ALLOW },
		{ id = "on_site", title = { zh = "现场处置", en = "On site" }, kind = "work", roles = FIELD, area = "case",
			form = { "findings", "cause", "affected", "measure", "measure_at", "samples", "noise_leq", "waste", "manifest", "inspection", "options" },
			leave = {
				{ to = "deciding", title = { zh = "报请决策", en = "To the decision" }, needs = { fields = { "findings" } } },
				{ to = "closing", title = { zh = "就地处置完毕", en = "Handled on the spot" }, needs = { fields = { "findings", "measure" }, guard = function(x)
					if tonumber(x.record.grade) < 3 then
						return { missing = { bad("特急、紧急事件须经决策", "grades 1 and 2 need a decision") } }
					end
					return true
				end } },
			}, allow = ALLOW },
		{ id = "deciding", title = { zh = "事件决策", en = "Deciding" }, kind = "work", roles = { "leader_city", "leader_district", "line_dept" }, area = "case",
			form = { "options", "chosen", "basis", "signer", "objection" }, clocks = clock("decide", "决策", "Decide"), jump_roles = CHIEFS,
			leave = { { to = "closing", title = { zh = "决定", en = "Decide" }, needs = { fields = { "options", "chosen", "basis", "signer" } },
				signers = { roles = CHIEFS, n = 1, rule = "all" } } }, allow = LEADER },
		{ id = "closing", title = { zh = "落实与回销申请", en = "Closing" }, kind = "work", roles = FIELD, area = "case",
			form = { "cause", "affected", "measure", "measure_at", "stop_mark", "statement", "callback", "samples", "sample_result", "noise_leq", "waste", "manifest", "inspection", "first_good", "backfilled", "moved_to" },
			clocks = clock("close", "回销", "Close"),
			leave = { { to = "checking", title = { zh = "申请回销", en = "Ask to close" }, needs = { fields = { "cause", "affected", "measure" }, guard = close_guard } } }, allow = ALLOW },
		{ id = "checking", title = { zh = "回销核查", en = "Checking" }, kind = "work", roles = DUTY, area = "case", exclude = { "closing" },
			form = { "callback", "truth" },
			leave = {
				{ to = "evaluating", title = { zh = "同意回销", en = "Close" }, needs = { fields = { "truth" }, guard = close_guard }, on = function(x)
					local list, score = evaluate(x.case, x.record)
					things.put { type = "event", id = x.case.id, set = { machine_score = list, score = score } }
				end },
				{ to = "closing", title = { zh = "退回补齐", en = "Send back" }, on = function(x)
					local n = (x.record.returns or 0) + 1
					things.put { type = "event", id = x.case.id, set = { returns = n } }
					if n >= 3 then
						notify { to = { role = "leader_district", area = x.case.area }, level = "urge", title = { zh = "三次退回：" .. x.record.title, en = "Sent back three times" },
							body = { zh = "回销要件三次不齐", en = "evidence lacking three times" } }
					end
				end },
			}, allow = ALLOW },
		{ id = "evaluating", title = { zh = "后评价", en = "Evaluating" }, kind = "work", roles = { "line_dept", "duty_city" }, area = "city",
			on_enter = function(x)
				open_review(x.case, x.record)
			end,
			form = { "cause_right", "measure_right", "communication", "truth", "lesson", "lesson_none" }, clocks = clock("evaluate", "后评价", "Evaluate"),
			leave = { { to = "archived", title = { zh = "归档", en = "Archive" }, needs = { fields = { "cause_right", "measure_right", "communication", "truth" }, guard = function(x)
				if not x.record.lesson and not x.record.lesson_none then
					return { missing = { bad("写出教训，或无须改进的理由", "a lesson, or why there is none") } }
				end
				return true
			end }, on = function(x)
				local list, score = evaluate(x.case, x.record)
				things.put { type = "event", id = x.case.id, set = { machine_score = list, score = score } }
			end } }, allow = { "comment", "urge" } },
		{ id = "archived", title = { zh = "已归档", en = "Archived" }, kind = "end", roles = DUTY, area = "case" },
	},
}

-- 交接班：交班人写明并签字，另一人核对在办清单后签字接班；清单随交班签字写下
-- Hand-over: the outgoing officer signs with the list of open matters as it stands, another takes over.
local function clock_face(us)
	if not us then
		return null
	end
	local minutes = us // 60000000
	local at = time_add(time_add("1970-01-01T08:00:00+08:00", string.format("P%dD", minutes // 1440)), string.format("PT%dM", minutes % 1440))
	return (at:sub(1, 16):gsub("T", " "))
end
local function matters_of(area)
	local list, new = {}, 0
	for _, c in ipairs(cases.find { flow = "event", open = true, limit = 500 }) do
		local e = (not area or c.area == area) and get("event", c.id)
		if e then
			new = new + (c.state == "confirming" and 1 or 0)
			list[#list + 1] = { event = e.id, no = e.no, title = e.title, grade = e.grade, state = c.state_title.zh, due = clock_face(c.due_us), due_us = c.due_us, owner = e.owner }
		end
	end
	table.sort(list, function(a, b)
		if a.grade ~= b.grade then
			return a.grade < b.grade
		end
		local x, y = a.due_us or math.huge, b.due_us or math.huge
		if x ~= y then
			return x < y
		end
		return (a.no or a.event) < (b.no or b.event)
	end)
	for _, m in ipairs(list) do
		m.due_us = nil
	end
	return list, new
end

flow "handover" {
	record = "handover", title = { zh = "交接班", en = "Hand-over of a shift" }, version = 1, start = "writing",
	documents = { { id = "list", title = { zh = "交接清单", en = "Hand-over list" }, template = "documents/handover.html", states = { "offered", "taken" }, needs = { "outgoing" } } },
	states = {
		{ id = "writing", title = { zh = "待交班", en = "To be handed over" }, kind = "work", roles = DUTY, area = "case", form = { "admin_area", "shift_from", "shift_to", "outgoing", "notes" },
			leave = { { to = "offered", title = { zh = "签字交班", en = "Sign out" }, needs = { fields = { "outgoing", "notes" } }, on = function(x)
				local list, new = matters_of(x.record.admin_area)
				things.put { type = "handover", id = x.case.id, set = { matters = list, open_n = #list, unconfirmed_n = new, outgoing_at = now() } }
			end } }, allow = { "comment" } },
		{ id = "offered", title = { zh = "待接班", en = "To be taken over" }, kind = "work", roles = DUTY, area = "case", exclude = { "writing" }, form = { "incoming", "remarks" },
			leave = {
				{ to = "taken", title = { zh = "签字接班", en = "Sign in" }, needs = { fields = { "incoming" }, guard = function(x)
					if x.record.incoming == x.record.outgoing then
						return { missing = { bad("接班人须是另一人", "another person takes over") } }
					end
					return true
				end }, on = function(x)
					things.put { type = "handover", id = x.case.id, set = { incoming_at = now() } }
				end },
				{ to = "writing", title = { zh = "退回补写", en = "Send back" }, needs = { fields = { "remarks" } } },
			}, allow = { "comment" } },
		{ id = "taken", title = { zh = "已交接", en = "Taken over" }, kind = "end", roles = DUTY, area = "case" },
	},
}

-- 应急复盘：核对经过、开会、落实措施、核查 after-review: the course checked, a meeting, measures followed to their end
local REVIEWERS = { "line_dept", "duty_city" }
flow "after_review" {
	files = { { kind = "minutes", title = { zh = "会议纪要", en = "Minutes" } } },
	record = "after_review", title = { zh = "应急复盘", en = "After-review" }, version = 1, start = "gathering",
	clocks = { { id = "review", title = { zh = "复盘", en = "Review" }, ["for"] = limit("review", { n = 20, unit = "working_day" }), from = "case", ["until"] = { "improving", "checking", "done" }, ladder = LADDER } },
	states = {
		{ id = "gathering", title = { zh = "核对经过", en = "Checking the course" }, kind = "work", roles = REVIEWERS, area = "city", form = { "facts", "attendees", "meeting_on" },
			leave = { { to = "meeting", title = { zh = "提交复盘会", en = "To the meeting" }, needs = { fields = { "facts", "attendees", "meeting_on" } } } }, allow = { "comment", "urge", "transfer" } },
		{ id = "meeting", title = { zh = "复盘会", en = "Meeting" }, kind = "work", roles = REVIEWERS, area = "city", form = { "meeting_on", "attendees", "good", "wrong", "measures", "no_measure" },
			leave = {
				{ id = "improve", to = "improving", title = { zh = "定下措施", en = "Measures decided" }, needs = { fields = { "good", "wrong" }, guard = function(x)
					return missing(review_lacks(x.case, x.record))
				end } },
				{ to = "gathering", title = { zh = "经过不清，重查", en = "The course again" } },
			}, allow = { "comment", "urge", "transfer", "countersign" } },
		{ id = "improving", title = { zh = "落实措施", en = "Improving" }, kind = "work", roles = REVIEWERS, area = "city", form = { "measures" },
			leave = { { to = "checking", title = { zh = "措施落实", en = "Measures carried out" }, needs = { guard = function(x)
				return missing(measures_lack(x.record))
			end } } }, allow = { "comment", "urge", "transfer", "suspend" } },
		{ id = "checking", title = { zh = "核查", en = "Checking" }, kind = "work", roles = CHIEFS, area = "case", exclude = { "improving" }, form = { "checked_by" },
			leave = {
				{ to = "done", title = { zh = "办结", en = "Close" }, needs = { fields = { "checked_by" } } },
				{ to = "improving", title = { zh = "退回落实", en = "Send back" } },
			}, allow = { "comment" } },
		{ id = "done", title = { zh = "已办结", en = "Done" }, kind = "end", roles = REVIEWERS, area = "city", allow = { "comment" } },
	},
}

flow "lesson" {
	record = "lesson", title = { zh = "教训改规则", en = "A lesson changes a rule" }, version = 1, start = "proposed",
	states = {
		{ id = "proposed", title = { zh = "提出", en = "Proposed" }, kind = "work", roles = { "line_dept", "duty_city" }, area = "city",
			form = { "title", "event", "rule", "parameter", "from", "to", "valid_from", "effect" }, required = { "title", "event", "rule", "parameter", "to", "valid_from" },
			leave = { { to = "replayed", title = { zh = "回放", en = "Replay" }, on = function(x)
				local old = get("nature_rule", x.record.rule)
				local new = {}
				for k, v in pairs(old) do
					new[k] = v
				end
				new[x.record.parameter] = x.record.to
				things.put { type = "lesson", id = x.case.id, set = { from = old[x.record.parameter], before = replay(old), after = replay(new) } }
			end } }, allow = { "comment" } },
		{ id = "replayed", title = { zh = "待批准", en = "To be approved" }, kind = "work", roles = { "line_dept", "leader_city" }, area = "city", exclude = { "proposed" },
			form = { "approved_by", "effect" },
			leave = {
				{ to = "approved", title = { zh = "批准", en = "Approve" }, needs = { fields = { "approved_by" }, guard = function(x)
					if x.record.valid_from < today() then
						return { missing = { bad("生效日不得早于今天", "may not take effect before today") } }
					end
					return true
				end } },
				{ to = "refused", title = { zh = "不采纳", en = "Refuse" } },
			}, allow = { "comment", "return" } },
		{ id = "approved", title = { zh = "已成为规则", en = "Became a rule" }, kind = "end", roles = { "line_dept" }, area = "city" },
		{ id = "refused", title = { zh = "未采纳", en = "Refused" }, kind = "end", roles = { "line_dept" }, area = "city" },
	},
}
