-- 线索进来：归到事件，或立新事件。How signals become events.

-- 只有还没有人动过的事件会被重新分组：人并过、拆过的不动 only events nobody has touched are grouped anew, none that was merged or parted by hand
local function untouched(e)
	return e.state == "confirming" and not e.by_hand
end
local function comparable(s, e, rule)
	return natures_fit(s.nature, e.nature, rule) or along_fit(s, e, rule)
end

function event_of(id)
	local e = get("event", id)
	if e then
		e.words = e.words or e.title
	end
	return e
end

local function signals_of(event)
	return all_of("signal", { { field = "event", op = "=", value = event } }, "seen_at")
end

local function recent(nature_rule_row, s)
	local from = time_add(s.seen_at, string.format("-PT%dH", math.ceil(nature_rule_row.window_h)))
	local to = time_add(s.seen_at, string.format("PT%dH", math.ceil(nature_rule_row.window_h)))
	local out = {}
	for _, c in ipairs(all_of("event", { { field = "last_seen", op = ">=", value = from }, { field = "first_seen", op = "<=", value = to } })) do
		local case = cases.get("event", c.id)
		if case and case.state ~= "rejected" and case.state ~= "archived" then
			c.state = case.state
			c.words = c.title
			out[#out + 1] = c
		end
	end
	return out
end

local function past_of(e)
	local n = 0
	if not e.object then
		return 0
	end
	for _, o in ipairs(all_of("event", { { field = "object", op = "=", value = e.object }, { field = "nature", op = "=", value = e.nature },
		{ field = "first_seen", op = ">=", value = time_add(e.first_seen, "-P30D") } })) do
		n = n + ((o.id ~= e.id and o.first_seen < e.first_seen) and 1 or 0)
	end
	return n
end

-- 由线索算出事件的字段 the fields of an event from its signals
-- 时间在未来的线索留着、注明，但不据以分级与定时，除非只有它 what is told from the future grades nothing, and dates only what has nothing else
function event_from(all, e)
	local kinds, list, first, last, codes, known = {}, {}, nil, nil, {}, {}
	local signals = {}
	for _, s in ipairs(all) do
		if not s.future then
			signals[#signals + 1] = s
		end
	end
	for _, s in ipairs(#signals > 0 and signals or all) do
		first = (not first or time_diff(s.seen_at, first) < 0) and s.seen_at or first
		last = (not last or time_diff(s.seen_at, last) > 0) and s.seen_at or last
		if not kinds[s.source_kind] then
			kinds[s.source_kind] = true
			list[#list + 1] = s.source_kind
		end
		if s.factor and not known[s.factor] then
			known[s.factor] = true
			codes[#codes + 1] = s.factor
		end
		e.found_at = (not e.found_at or time_diff(s.arrived_at or now(), e.found_at) < 0) and s.arrived_at or e.found_at
		for _, name in ipairs { "object", "object_name", "place", "admin_area", "site" } do
			e[name] = e[name] or s[name]
		end
	end
	table.sort(list)
	table.sort(codes)
	e.factors = table.concat(codes, " "):sub(1, 200)
	e.first_seen, e.last_seen, e.signals, e.sources = first, last, #all, table.concat(list, " ")
	local grade, points, reasons = grade_of(e, nature_rule(e.nature, first:sub(1, 10)), signals, past_of(e))
	e.computed_grade, e.points, e.reasons = grade, points, reasons
	return e
end

local function fields_of(e)
	return { found_at = e.found_at, factors = e.factors, first_seen = e.first_seen, last_seen = e.last_seen, signals = e.signals, sources = e.sources, computed_grade = e.computed_grade, points = e.points,
		reasons = e.reasons, object = e.object, object_name = e.object_name, place = e.place, admin_area = e.admin_area, site = e.site }
end

function title_of(e)
	return (e.object_name or e.object or "位置见图") .. NATURE_ZH[e.nature]
end

-- 30 天内办结过的同一对象同一性质：复发 the same object and nature, closed within 30 days: it recurs
local CLOSED = { evaluating = true, archived = true }
local function recurrence_of(e)
	local best
	for _, o in ipairs(e.object and all_of("event", { { field = "object", op = "=", value = e.object }, { field = "nature", op = "=", value = e.nature },
		{ field = "last_seen", op = ">=", value = time_add(e.first_seen, "-P30D") } }) or {}) do
		local case = (not best or o.last_seen > best.last_seen) and cases.get("event", o.id)
		if case and CLOSED[case.state] then
			best = o
		end
	end
	return best and best.id
end

-- 由几条线索立一件 an event of some signals
function open_of(signals, found_at)
	local e = event_from(signals, { nature = signals[1].nature, found_at = found_at })
	local set = fields_of(e)
	set.recurrence = recurrence_of(e)
	set.nature, set.grade, set.title = e.nature, e.computed_grade, title_of(e)
	return cases.open { flow = "event", set = set }
end

function open_event(s)
	local opened = open_of({ s }, s.arrived_at or now())
	things.put { type = "signal", id = s.id, set = { event = opened, attach_score = 1, attach_reason = "新事件", attach_how = "new" } }
	return opened
end

-- 一个事件的线索变了：重算
function refresh(id)
	local e, signals = get("event", id), signals_of(id)
	if #signals == 0 then
		return
	end
	local by_hand = e.grade ~= e.computed_grade
	e = event_from(signals, e)
	local set = fields_of(e)
	if not by_hand then
		set.grade = e.computed_grade
	end
	things.put { type = "event", id = id, set = set }
end

function attach(s, e, score, why, how)
	things.put { type = "signal", id = s.id, set = { event = e.id, attach_score = math.floor(score * 1000 + 0.5) / 1000, attach_reason = why, attach_how = how, proposed = null } }
	refresh(e.id)
	if e.state == "observing" or e.state == "rejecting" then -- 观察中、会签中又见：回到分析确认 seen again: it is confirmed anew
		cases.act { flow = "event", id = e.id, act = "go", to = "confirming", note = "再现：" .. why }
	end
end

-- 迟到的线索：没有人动过的相邻事件连同它重新分组，结果与按时到达时相同
-- A late signal: the events around it that nobody has touched are grouped anew, as if it had come in time.
local function regroup(s, around, rule)
	local all, owner = { s }, {}
	for _, e in ipairs(around) do
		if untouched(e) and comparable(s, e, rule) then
			for _, x in ipairs(signals_of(e.id)) do
				owner[x.id] = e.id
				all[#all + 1] = x
			end
		end
	end
	local groups = cluster(all, function(nature) return nature_rule(nature, s.seen_at:sub(1, 10)) end)
	local kept, went = {}, {}
	for _, g in ipairs(groups) do
		local home
		for _, m in ipairs(g.signals) do
			local o = owner[m.id]
			if o and not kept[o] and (not home or o < home) then
				home = o
			end
		end
		if not home then
			home = open_event(g.signals[1].signal)
		end
		kept[home] = true
		for _, m in ipairs(g.signals) do
			local was = owner[m.id]
			if was ~= home then
				went[was or ""] = went[was or ""] or home
				things.put { type = "signal", id = m.id, set = { event = home, was = was or null, attach_score = math.floor(m.score * 1000 + 0.5) / 1000, attach_reason = m.why, attach_how = m.how } }
			end
		end
		refresh(home)
	end
	for _, o in pairs(owner) do
		if not kept[o] then
			kept[o] = true
			cases.act { flow = "event", id = o, act = "go", to = "rejected", data = { reject_code = "duplicate", reject_text = "线索已并入更早的事件", merge_into = went[o] } }
		end
	end
end

local function take(s)
	local rule = nature_rule(s.nature, s.seen_at:sub(1, 10))
	local around = recent(rule, s)
	for _, e in ipairs(around) do
		if rule.auto_merge and untouched(e) and comparable(s, e, rule) and time_diff(s.seen_at, e.last_seen) < 0 then
			return regroup(s, around, rule)
		end
	end
	local e, score, why, how = best_of(s, around, rule, surroundings())
	if e and rule.auto_merge and score >= ATTACH then
		attach(s, e, score, why, how)
	elseif e and score >= PROPOSE then
		local id = open_event(s)
		things.put { type = "signal", id = s.id, set = { proposed = e.id, attach_reason = string.format("疑似同一事件 %s（%.2f）：%s", e.no or e.title, score, why) } }
		return id
	else
		open_event(s)
	end
end

on("thing.saved:signal", function(e)
	local s = get("signal", e.id)
	if not s or s.event then
		return
	end
	take(s)
end)

-- 告警即线索 an alarm is a signal
local KIND = { exceedance = "exceed", silence = "outage", outage = "outage", flags = "abnormal_data", clock = "abnormal_data", suspicion = "fraud" }
local TOLD = { serious = true, warning = false, urgent = true }

on("alarm.raised", function(e)
	local a = alarm(e.id)
	if not a or a.late or not TOLD[a.severity or ""] then
		return
	end
	local site, m = a.site or {}, a.members and a.members[1] or {}
	things.put { type = "signal", set = {
		source_kind = "alarm", source_ref = a.id, seen_at = a.start or a.raised or now(), nature = KIND[a.kind] or "quality",
		object = (site.code or "") .. (a.point and a.point ~= "" and ("/" .. a.point) or ""), object_name = site.name, told_area = site.district or null, site = site.id or null,
		place = site.lon and { type = "Point", coordinates = { site.lon, site.lat }, crs = "CGCS2000" } or null,
		factor = m.factor or null, value = m.peak or m.first or null, limit = m.limit and m.limit.high or null, confidence = 0.9,
	} }
end)

-- 告警解除了，人还在办：写明并告诉承办人，怎么办由人定 the alarm is over and people are at work: they are told, and decide
on("alarm.cleared", function(e)
	local s = all_of("signal", { { field = "source_ref", op = "=", value = e.id } })[1]
	local event = s and s.event and get("event", s.event)
	local case = event and cases.get("event", event.id)
	if not case or case.closed_us or CLOSED[case.state] or event.cleared_at then
		return
	end
	things.put { type = "event", id = event.id, set = { cleared_at = now() } }
	for _, a in ipairs(event.assignees or {}) do
		notify { to = { user = a.user }, link = "/cases/event/" .. event.id, title = { zh = "告警已解除：" .. event.title, en = "The alarm is over: " .. event.title },
			body = { zh = "数据已恢复；是否继续处置由您与值班员决定", en = "the data are back within; whether to go on is for you and the duty officer" } }
	end
end)

-- 2026-11-30T20:00:00+08:00 写成 as 2026-11-30 20:00
local function minute(t)
	return t:sub(1, 10) .. " " .. t:sub(12, 16)
end

-- 班次空缺：未来 72 小时里哪个区没有人 holes of the roster within 72 hours
every "roster_holes" { "PT1H", function()
	local from, to = now(), time_add(now(), "PT72H")
	local last = {}
	for _, s in ipairs(all_of("shift", { { field = "to", op = ">", value = from }, { field = "from", op = "<", value = to } }, "from")) do
		local area = s.admin_area or "" -- 空为全市 empty: the whole city
		local upto = last[area] or from
		if time_diff(s.from, upto) > 0 then
			local row = area ~= "" and codes("area/nanjing", area) or { name = "全市", name_en = "The whole city" }
			local zh, en = row.name, row.name_en
			notify { to = { role = "duty_city", area = s.admin_area }, level = "urge", title = { zh = "值守空缺", en = "A hole in the roster" },
				body = { zh = string.format("%s 自 %s 至 %s 无人值守", zh, minute(upto), minute(s.from)), en = string.format("%s: nobody from %s to %s", en, minute(upto), minute(s.from)) } }
		end
		last[area] = time_diff(s.to, upto) > 0 and s.to or upto
	end
end }

-- 观察期满自行办结 observing ends by itself
every "observed" { "PT10M", function()
	for _, c in ipairs(cases.find { flow = "event", state = "observing" }) do
		local e = get("event", c.id)
		if e and e.observe_h and time_diff(now(), e.last_seen) > e.observe_h * 3600 then
			cases.act { flow = "event", id = c.id, act = "go", to = "rejected", data = { reject_code = "false_alarm", reject_text = "观察期内没有再现" } }
		end
	end
end }

-- 措施之后的达标小时 hours under the limit since the measure
every "clean_hours" { "PT10M", function()
	for _, c in ipairs(cases.find { flow = "event", state = "closing" }) do
		local e = get("event", c.id)
		local n = e and e.nature == "exceed" and e.measure_at and count_clean_hours(e, all_of("signal", { { field = "event", op = "=", value = c.id } }))
		if n and n ~= e.clean_hours then
			things.put { type = "event", id = c.id, set = { clean_hours = n } }
		end
	end
end }

-- 教训批准后成为规则的新版本，自其生效日起 an approved lesson becomes a dated version of the rule
on("case.closed:lesson", function(e)
	local l = get("lesson", e.case.id)
	if not l or not l.approved_by or l.new_rule then
		return
	end
	local old = get("nature_rule", l.rule)
	local made = things.put { type = "nature_rule", set = {
		title = old.title, nature = old.nature, version = old.version + 1, radius_m = l.parameter == "radius_m" and l.to or old.radius_m,
		window_h = l.parameter == "window_h" and l.to or old.window_h, hazard = l.parameter == "hazard" and l.to or old.hazard, floor = old.floor or null,
		auto_merge = old.auto_merge, alike = old.alike or null, topology = old.topology, river_km = old.river_km or null, wind_m = old.wind_m or null,
		slack_h = old.slack_h or null, along = old.along or null, basis = "教训：" .. l.title, valid_from = l.valid_from, lesson = l.id } }
	things.put { type = "lesson", id = l.id, set = { new_rule = made.id } }
end)

-- 回放：最近 90 天的线索按某条规则会成多少事件 replay of 90 days: how many events a rule would make
function replay(rule)
	local signals = all_of("signal", { { field = "nature", op = "=", value = rule.nature }, { field = "seen_at", op = ">=", value = time_add(now(), "-P90D") } })
	return #cluster(signals, function() return rule end)
end
