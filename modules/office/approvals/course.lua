-- 各事项共同的路：收件、受理、时钟、决定之后 the course that all items share

OFFICE = { "approve_window", "approve_handler", "approve_chief" }
APPLICANT = { "ent_manager", "ent_operator", "approve_window" }
FLOWS = { "night_work", "approval" }

function lacks(list)
	if #list > 0 then
		return { missing = list }
	end
	return true
end

-- 承诺与法定时限，简化管理另有 promised and legal days of the item; simplified units have their own
local function days(which)
	return function(x)
		local item = get("approval_item", x.record.item)
		local n = x.record.manage_class == "simple" and item["simple_" .. which] or item[which]
		return { n = n, unit = item.day_kind == "calendar" and "day" or "working_day" }
	end
end
function course_clocks(pause)
	local function clock(id, zh, en, which, ladder)
		return { id = id, title = { zh = zh, en = en }, ["for"] = days(which), from = "enter", ["until"] = { "granted", "refused" }, pause = pause, ladder = ladder,
			extension = 10, extend_roles = { "approve_chief", "leader_city", "leader_district" } }
	end
	return { clock("promised", "承诺时限", "Promised", "promised_days", { { at = 0.5, act = "remind" }, { at = 1, act = "superior" } }), clock("legal", "法定时限", "Legal", "legal_days", { { at = 1, act = "leader" } }) }
end

-- 五个工作日不作声即为受理（行政许可法 32）
function received_state(record, accepted)
	return { id = "received", title = { zh = "已提交，待受理", en = "Received" }, kind = "work", roles = { "approve_window" }, area = "case", form = { "correction" },
		clocks = { { id = "acceptance", title = { zh = "受理", en = "Acceptance" }, ["for"] = { n = 5, unit = "working_day" }, from = "enter", ladder = { { at = 0.8, act = "remind" }, { at = 1, act = "supervise" } } } },
		leave = {
			{ id = "accept", to = "examining", title = { zh = "受理", en = "Accept" }, on = function(x)
				things.put { type = record, id = x.case.id, set = { accepted_at = today(), silent = x.by.id == "system" } }
				if accepted then
					accepted(x)
				end
			end },
			{ id = "correct", to = "draft", title = { zh = "一次告知补正", en = "Ask for a correction" }, needs = { fields = { "correction" }, documents = { "correction" } } },
			{ id = "not_ours", to = "declined", title = { zh = "不予受理", en = "Not accepted" }, needs = { fields = { "correction" } } },
		}, allow = { "comment", "transfer", "urge" } }
end

-- 决定之后：送达、评价 behind the decision
function closing_states()
	local function to_deliver(id, zh, en)
		return { id = id, title = { zh = zh, en = en }, kind = "work", roles = { "approve_window" }, area = "case", form = { "delivered_at" },
			leave = { { to = "delivered", title = { zh = "送达", en = "Deliver" }, needs = { fields = { "delivered_at" } } } }, allow = { "comment" } }
	end
	return to_deliver("granted", "准予，待送达", "Granted"), to_deliver("refused", "不予，待送达", "Refused"),
		{ id = "delivered", title = { zh = "已送达，待评价", en = "Delivered" }, kind = "work", roles = APPLICANT, area = "case", form = { "stars", "rating_text" },
			leave = { { to = "done", title = { zh = "评价", en = "Rate" }, needs = { fields = { "stars" } }, on = function(x)
				if x.record.stars <= 2 then
					notify { to = { role = "approve_chief", area = x.case.area }, level = "urge", title = { zh = "差评须 1 个工作日内回访：" .. x.record.project, en = "Bad rating: call back within a working day" },
						body = { zh = x.record.rating_text or "", en = x.record.rating_text or "" } }
				end
			end } }, allow = { "comment" } },
		{ id = "done", title = { zh = "已办结", en = "Done" }, kind = "end", roles = OFFICE, area = "case" },
		{ id = "declined", title = { zh = "不予受理", en = "Declined" }, kind = "end", roles = OFFICE, area = "case" }
end

local function now_us()
	return math.floor(time_diff(now(), "1970-01-01T08:00:00+08:00")) * 1000000
end

-- 默认受理：收件满五个工作日没有答复
every "silent_acceptance" { "PT1H", function()
	for _, flow in ipairs(FLOWS) do
		for _, c in ipairs(cases.find { flow = flow, state = "received", limit = 1000 }) do
			local due = cases.get(flow, c.id).clocks[1].due_us
			if due and due <= now_us() then
				cases.act { flow = flow, id = c.id, act = "go", to = "accept", note = "五个工作日未答复，自收到之日起即为受理（行政许可法 32）" }
			end
		end
	end
end }
