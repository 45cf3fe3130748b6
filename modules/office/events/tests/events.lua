-- 数由手算 the numbers are worked by hand

local function signal(set)
	set.source_kind = set.source_kind or "complaint"
	set.text = set.text or "有刺鼻的异味"
	set.admin_area = set.admin_area or "320106"
	return things.put { type = "signal", set = set }.id
end
local function rules()
	for grade = 1, 4 do
		for _, stage in ipairs { "confirm", "read", "arrive", "close", "evaluate" } do
			things.put { type = "event_limit", set = { stage = stage, grade = tostring(grade), n = 30, unit = "minute", basis = "试", valid_from = "2026-01-01" } }
		end
	end
	things.put { type = "nature_rule", set = { title = "异味", nature = "odour", version = 1, radius_m = 1500, window_h = 6, hazard = 10, auto_merge = true, basis = "试", valid_from = "2026-01-01" } }
	things.put { type = "nature_rule", set = { title = "泄漏", nature = "spill", version = 1, radius_m = 0, window_h = 1, hazard = 30, floor = 2, auto_merge = false, basis = "试", valid_from = "2026-01-01" } }
	things.put { type = "nature_rule", set = { title = "其他", nature = "other", version = 1, radius_m = 100, window_h = 6, hazard = 5, auto_merge = true, basis = "试", valid_from = "2026-01-01" } }
end
local function point(lon, lat)
	return { type = "Point", coordinates = { lon, lat }, crs = "CGCS2000" }
end
local function events(nature)
	local n = {}
	for _, e in ipairs(all_of("event", { { field = "nature", op = "=", value = nature } })) do
		if (e.signals or 0) > 0 and not e.reject_code then
			n[#n + 1] = e
		end
	end
	return n
end

test("分级：造假 22 + 取水口 25 = 47，二级", function()
	local g, p = grade_of({ nature = "fraud", sensitive = "intake_near", first_seen = "2026-03-01T10:00:00+08:00", last_seen = "2026-03-01T10:00:00+08:00" },
		{ hazard = 22 }, { { source_kind = "alarm" } }, 0)
	eq(g, "2")
	eq(p, 47)
end)

test("分级：超标 8 倍，8 + 4·log2(8) = 20，三级；2 倍只有 12，四级", function()
	local at = "2026-03-01T10:00:00+08:00"
	local e = { nature = "exceed", first_seen = at, last_seen = at }
	local g, p = grade_of(e, { hazard = 8 }, { { source_kind = "alarm", value = 400, limit = 50 } }, 0)
	eq(g, "3")
	eq(p, 20)
	g, p = grade_of(e, { hazard = 8 }, { { source_kind = "alarm", value = 100, limit = 50 } }, 0)
	eq(g, "4")
	eq(p, 12)
end)

test("分级底线：水源保护区一级；铅超标二级", function()
	local at = "2026-03-01T10:00:00+08:00"
	eq((grade_of({ nature = "odour", sensitive = "source_zone", first_seen = at, last_seen = at }, { hazard = 10 }, { { source_kind = "patrol" } }, 0)), "1")
	eq((grade_of({ nature = "exceed", first_seen = at, last_seen = at }, { hazard = 8 }, { { source_kind = "alarm", factor = "w20120", value = 2, limit = 1 } }, 0)), "2")
end)

test("同一处的两次投诉是一个事件，远处的另立", function()
	rules()
	signal { source_ref = "A1", nature = "odour", seen_at = "2026-03-01T20:00:00+08:00", place = point(118.770, 32.060) }
	signal { source_ref = "A2", nature = "odour", seen_at = "2026-03-01T20:30:00+08:00", place = point(118.771, 32.060) }
	signal { source_ref = "A3", nature = "odour", seen_at = "2026-03-01T20:40:00+08:00", place = point(118.870, 32.060) }
	eq(#events("odour"), 2)
end)

test("同一编号只收一次", function()
	rules()
	signal { source_ref = "B1", nature = "odour", seen_at = "2026-03-01T20:00:00+08:00", place = point(118.77, 32.06) }
	fails(function() signal { source_ref = "B1", nature = "odour", seen_at = "2026-03-01T20:00:00+08:00", place = point(118.77, 32.06) } end, "source_ref")
end)

test("泄漏不自动归并", function()
	rules()
	signal { source_ref = "C1", nature = "spill", seen_at = "2026-03-01T20:00:00+08:00", object = "NJ-1" }
	signal { source_ref = "C2", nature = "spill", seen_at = "2026-03-01T20:01:00+08:00", object = "NJ-1" }
	eq(#events("spill"), 2)
end)

test("任何次序都得到同样的组", function()
	local list = {}
	for i = 1, 6 do
		list[i] = { source_ref = "D" .. i, nature = "odour", seen_at = string.format("2026-03-01T%02d:00:00+08:00", 10 + 2 * i), place = point(118.77, 32.06), text = "有刺鼻的异味" }
	end
	local function shape(order)
		local copy = {}
		for i, k in ipairs(order) do
			copy[i] = list[k]
		end
		local out = {}
		for _, g in ipairs(cluster(copy, function() return { radius_m = 1500, window_h = 6, auto_merge = true } end)) do
			local names = {}
			for _, m in ipairs(g.signals) do
				names[#names + 1] = m.signal.source_ref
			end
			out[#out + 1] = table.concat(names, "+")
		end
		return table.concat(out, " ")
	end
	local straight = shape { 1, 2, 3, 4, 5, 6 }
	eq(shape { 6, 5, 4, 3, 2, 1 }, straight)
	eq(shape { 3, 6, 1, 5, 2, 4 }, straight)
end)

test("回销要件：缺照片与回访时不能回销", function()
	rules()
	local id = signal { source_ref = "E1", nature = "odour", seen_at = "2026-03-01T20:00:00+08:00", place = point(118.77, 32.06) }
	local event = get("signal", id).event
	ok(event)
	local lacks = closing_lacks({ id = event, files = {} }, { nature = "odour" })
	eq(#lacks, 2)
	lacks = closing_lacks({ id = event, files = { { kind = "photo" }, { kind = "photo" } } }, { nature = "odour", callback = true })
	eq(#lacks, 0)
end)

test("照片：别的案件用过的、离事发地 200 米以外的、到场以前拍的不算", function()
	local record = { nature = "odour", callback = true, place = point(118.77, 32.06), arrived_at = "2026-03-01T21:00:00+08:00" }
	local function lacks(...)
		local trace = { { act = "attach", data = { digest = "c", also_in = "另一件" } } }
		return closing_lacks({ id = "00000000-0000-7000-8000-000000000000", files = { ... }, trace = trace }, record)
	end
	local function photo(digest, lon, at)
		return { kind = "photo", digest = digest, name = digest .. ".jpg", about = { lon = lon, lat = 32.06, at = at } }
	end
	local here, after = 118.7702, "2026-03-01T13:10:00Z"
	eq(#lacks(photo("a", here, after), photo("b", here, after)), 0)
	ok(lacks(photo("a", here, after), photo("c", here, after))[1].zh:find("c.jpg 已用于 另一件", 1, true))
	ok(lacks(photo("a", here, after), photo("b", 118.78, after))[1].zh:find("b.jpg 拍摄处距事发地 9", 1, true)) -- 0.01 度约 944 米 about 944 m
	ok(lacks(photo("a", here, after), photo("b", here, "2026-03-01T12:00:00Z"))[1].zh:find("b.jpg 拍于到场以前", 1, true))
	eq(#lacks({ kind = "photo", digest = "a" }, { kind = "photo", digest = "b" }), 0)
end)

test("观察中又见：回到分析确认", function()
	rules()
	local a = get("signal", signal { source_ref = "OB1", nature = "odour", seen_at = "2026-05-01T20:00:00+08:00", place = point(118.77, 32.06) }).event
	cases.act { flow = "event", id = a, act = "go", to = "observing", data = { observe_h = 12 } }
	eq(get("signal", signal { source_ref = "OB2", nature = "odour", seen_at = "2026-05-01T20:30:00+08:00", place = point(118.77, 32.06) }).event, a)
	eq(cases.get("event", a).state, "confirming")
	eq(get("event", a).signals, 2)
end)

test("未来的线索不据以分级", function()
	rules()
	local at, ahead = time_add(now(), "-PT1H"), time_add(now(), "PT2H")
	local a = get("signal", signal { source_ref = "FU1", nature = "odour", seen_at = at, place = point(118.71, 32.16) }).event
	local points = get("event", a).points
	eq(get("signal", signal { source_ref = "FU2", nature = "odour", seen_at = ahead, place = point(118.71, 32.16), people = 20 }).event, a)
	local e = get("event", a)
	eq(e.points, points)
	eq(e.signals, 2)
	eq(time_diff(e.last_seen, at), 0)
end)

test("二级事件不予立案须送另一人会签", function()
	rules()
	local a = get("signal", signal { source_ref = "RJ1", nature = "spill", seen_at = "2026-05-02T20:00:00+08:00", place = point(118.77, 32.06) }).event
	eq(get("event", a).grade, "2")
	local why = { reject_code = "false_alarm", reject_text = "试" }
	fails(function() cases.act { flow = "event", id = a, act = "go", to = "rejected", data = why } end, "另一人会签")
	cases.act { flow = "event", id = a, act = "go", to = "rejecting", data = why }
	eq(cases.get("event", a).clocks[#cases.get("event", a).clocks].clock, "cosign")
	cases.act { flow = "event", id = a, act = "go", to = "rejected" }
	eq(cases.get("event", a).state, "rejected")
end)

test("30 天内办结过的同一对象同一性质：复发", function()
	rules()
	local function seen(ref, at)
		return get("signal", signal { source_ref = ref, nature = "other", seen_at = at, object = "RE-1/DW001" }).event
	end
	local a = seen("RE1", "2026-04-10T08:00:00+08:00")
	for _, step in ipairs { { "dispatching", { owner = "某局", admin_area = "320106" } }, { "dispatched", { assignees = { { user = "x", name = "某" } } } }, { "on_site", { arrived_at = "2026-04-10T09:00:00+08:00", arrived_reason = "试" } },
		{ "closing", { findings = "试", measure = "试" } }, { "checking", { cause = "human", affected = "无", moved_to = "QT-1" } }, { "evaluating", { truth = "true" } } } do
		cases.act { flow = "event", id = a, act = "go", to = step[1], data = step[2] }
	end
	local b, c = seen("RE2", "2026-04-20T08:00:00+08:00"), seen("RE3", "2026-06-20T08:00:00+08:00")
	eq(get("event", b).recurrence, a)
	eq(get("event", c).recurrence, nil)
end)

test("超标：24 个达标小时或停产标记，并有企业签字", function()
	local case = { id = "00000000-0000-7000-8000-000000000000", files = {} }
	eq(#closing_lacks(case, { nature = "exceed", clean_hours = 23, statement = true }), 1)
	eq(#closing_lacks(case, { nature = "exceed", clean_hours = 24, statement = true }), 0)
	eq(#closing_lacks(case, { nature = "exceed", stop_mark = true }), 1)
end)

-- 沿河与沿风。北纬 32.00 度上经度 0.1 度为 9,449 米（椭球）；0.25 至 0.5 米每秒流 5.2 至 10.5 小时
-- Along the river and the wind; 0.1 degrees of the parallel are 9,449 m, 5.2 to 10.5 hours.
local function river()
	rules()
	things.put { type = "nature_rule", set = { title = "水体", nature = "water_colour", version = 1, radius_m = 500, window_h = 48, hazard = 14, auto_merge = true, river_km = 30, slack_h = 2, along = "exceed",
		basis = "试", valid_from = "2026-01-01" } }
	things.put { type = "nature_rule", set = { title = "超标", nature = "exceed", version = 1, radius_m = 0, window_h = 24, hazard = 8, auto_merge = true, river_km = 30, slack_h = 2, along = "water_colour",
		basis = "试", valid_from = "2026-01-01" } }
	if things.count { type = "river_reach" } > 0 then
		return
	end
	local function reach(code, from, to, lat, into, wide)
		things.put { type = "river_reach", set = { code = code, name = code, line = { type = "LineString", coordinates = { { from, lat }, { to, lat } }, crs = "CGCS2000" }, into = into,
			speed_low = 0.25, speed_high = 0.5, bank_m = 800, wide = wide or false, basis = "试" } }
	end
	reach("上河", 118.5, 118.6, 32.0, "下河")
	reach("下河", 118.6, 118.9, 32.0)
	reach("大江", 118.5, 118.9, 31.8, nil, true)
end
local function water(ref, day, hour, lon, lat, more)
	local set = { source_ref = ref, nature = "water_colour", seen_at = string.format("%sT%02d:00:00+08:00", day, hour), place = point(lon, lat), text = "水面发黑，有泡沫" }
	for k, v in pairs(more or {}) do
		set[k] = v
	end
	local s = get("signal", signal(set))
	return s.event, s
end

test("沿河：下游在水流到的时候看见，是同一件，跨两段河也是", function()
	river()
	local a = water("R1", "2026-05-01", 6, 118.58, 32.001)
	local b, s = water("R2", "2026-05-01", 13, 118.68, 31.999)
	eq(b, a)
	eq(s.attach_how, "river")
	ok(s.attach_reason:find("沿上河，线索在下游 9.4 公里，水流 5.2 至 10.5 小时可到", 1, true))
	eq(get("event", a).signals, 2)
end)

test("沿河：水还没流到，或下游反在先，是两件", function()
	river()
	local a = water("R3", "2026-05-03", 6, 118.58, 32.0)
	ok(water("R4", "2026-05-03", 7, 118.68, 32.0) ~= a)
	local c = water("R5", "2026-05-05", 6, 118.68, 32.0)
	ok(water("R6", "2026-05-05", 13, 118.58, 32.0) ~= c)
end)

test("江面宽：同岸是一件，对岸是两件", function()
	river()
	local a = water("R7", "2026-05-07", 6, 118.58, 31.805)
	eq((water("R8", "2026-05-07", 13, 118.68, 31.804)), a)
	ok(water("R9", "2026-05-07", 13, 118.68, 31.796) ~= a)
end)

test("沿河：上游的线索迟到，与按时到达时一样", function()
	river()
	local b = water("R10", "2026-05-09", 13, 118.68, 32.0)
	local a, s = water("R11", "2026-05-09", 6, 118.58, 32.0)
	eq(a, b)
	eq(get("event", b).signals, 2)
	ok(s.attach_how == "new" or s.attach_how == "river")
end)

test("沿河：排口的水超标在上游，提示为疑似；气的超标不沿河", function()
	river()
	local a = water("R12", "2026-05-11", 6, 118.58, 32.0, { nature = "exceed", factor = "w01018", value = 160, limit = 50, source_kind = "alarm", object = "T-1/DW001" })
	local b, s = water("R13", "2026-05-11", 13, 118.68, 32.0)
	ok(b == a or s.proposed == a)
	local c = water("R14", "2026-05-13", 6, 118.58, 32.0, { nature = "exceed", factor = "a21026", value = 160, limit = 50, source_kind = "alarm", object = "T-2/DA001" })
	b, s = water("R15", "2026-05-13", 13, 118.68, 32.0)
	ok(b ~= c and not s.proposed)
end)

test("沿风：在上风 30 度以内才算，静风不算", function()
	local rule = { radius_m = 1500, window_h = 6, wind_m = 3000, auto_merge = true }
	local at = "2026-05-15T20:00:00+08:00"
	local e = { nature = "odour", place = point(118.77, 32.06), first_seen = at, last_seen = at, words = "刺鼻的异味" }
	local s = { nature = "odour", place = point(118.77, 32.08), seen_at = at, text = "刺鼻的异味" } -- 正北 2.2 公里
	local function with(from, speed)
		return { wind = function() return { from = from, speed = speed, station = "试站", at = at } end }
	end
	local score, why, how = alike(s, e, rule, with(20, 2))
	ok(score >= ATTACH)
	eq(how, "wind")
	ok(why:find("线索在上风 2.2 公里", 1, true))
	ok(select(2, alike(s, e, rule, with(170, 2))):find("线索在下风", 1, true))
	eq(alike(s, e, rule, with(90, 2)), nil)
	eq(alike(s, e, rule, with(0, 0.2)), nil)
	eq(alike(s, e, rule, { wind = function() end }), nil)
	s.place = point(118.77, 32.09) -- 3.3 公里，太远
	eq(alike(s, e, rule, with(0, 2)), nil)
end)

-- 归并与交接 merging by hand, handing over
local function limits()
	rules()
	for _, stage in ipairs { "read", "arrive", "decide", "close", "evaluate" } do
		for grade = 1, 4 do
			things.put { type = "event_limit", set = { stage = stage, grade = tostring(grade), n = 1, unit = "day", basis = "试", valid_from = "2026-01-01" } }
		end
	end
end
local function two(day)
	limits()
	local a = get("signal", signal { source_ref = "M1" .. day, nature = "odour", seen_at = day .. "T20:00:00+08:00", place = point(118.770, 32.060) }).event
	local b = get("signal", signal { source_ref = "M2" .. day, nature = "odour", seen_at = day .. "T20:00:00+08:00", place = point(118.870, 32.060), text = "烧塑料的气味" }).event
	ok(a ~= b)
	return a, b
end

test("人工并入：线索移到较早的一件，晚的不予立案", function()
	local a, b = two("2026-04-01")
	cases.act { flow = "event", id = b, act = "go", to = "merge", data = { merge_into = a } }
	eq(cases.get("event", b).state, "rejected")
	eq(get("event", b).reject_code, "duplicate")
	eq(get("event", a).signals, 2)
	eq(#all_of("signal", { { field = "event", op = "=", value = a } }), 2)
end)

test("不能并入自己，也不能并入已归档、已驳回的", function()
	local a, b = two("2026-04-03")
	fails(function() cases.act { flow = "event", id = b, act = "go", to = "merge", data = { merge_into = b } } end, "没有可并入的事件")
	cases.act { flow = "event", id = a, act = "go", to = "rejected", data = { reject_code = "false_alarm", reject_text = "试" } }
	fails(function() cases.act { flow = "event", id = b, act = "go", to = "merge", data = { merge_into = a } } end, "不能再并入")
	eq(cases.get("event", b).state, "confirming")
end)

local function part(event, signals, reason)
	return get("parting", things.put { type = "parting", set = { event = event, signals = signals, reason = reason } }.id)
end
local function ids_of(event)
	local out = {}
	for _, s in ipairs(all_of("signal", { { field = "event", op = "=", value = event } }, "seen_at")) do
		out[#out + 1] = s.id
	end
	return out
end

test("拆分：人工并入的原样拆回，两件都对，理由与经过都在", function()
	local a, b = two("2026-04-07")
	local mine, theirs = ids_of(a), ids_of(b)
	cases.act { flow = "event", id = b, act = "go", to = "merge", data = { merge_into = a } }
	local p = part(a, theirs, "气味不同，不是一处")
	eq(p.made, b)
	eq(cases.get("event", b).state, "confirming")
	eq(get("event", b).reject_code, nil)
	eq(get("event", b).merge_into, nil)
	eq(get("event", b).signals, 1)
	eq(get("event", a).signals, 1)
	eq(ids_of(a)[1], mine[1])
	eq(ids_of(b)[1], theirs[1])
	local s = get("signal", theirs[1])
	eq(s.attach_how, "parted")
	ok(s.attach_reason:find("气味不同", 1, true))
	local trace = cases.get("event", a).trace
	ok(trace[#trace].note:find("气味不同", 1, true))
	trace = cases.get("event", b).trace
	eq(trace[#trace].act, "reopen")
	-- 之后来的线索不再把它们拢到一起 a later one does not draw them together again
	signal { source_ref = "M9", nature = "odour", seen_at = "2026-04-07T19:00:00+08:00", place = point(118.770, 32.060) }
	eq(#ids_of(b), 1)
	ok(a ~= b and get("event", b).reject_code == nil)
	cases.act { flow = "event", id = b, act = "go", to = "merge", data = { merge_into = a } } -- 还能再并 may be merged again
	eq(cases.get("event", b).state, "rejected")
end)

test("拆分：自动归并错的另立一件，位置与标题各归各", function()
	limits()
	local function odour(ref, lon, name)
		return get("signal", signal { source_ref = ref, nature = "odour", seen_at = "2026-04-09T20:00:00+08:00", place = point(lon, 32.060), object_name = name })
	end
	local x = odour("P1", 118.770, "东厂")
	local y, z = odour("P2", 118.771), odour("P3", 118.772, "西厂")
	eq(y.event, x.event)
	eq(z.event, x.event)
	eq(get("event", x.event).title, "东厂异味")
	local p = part(x.event, { x.id }, "东厂当天停产")
	ok(p.made ~= x.event)
	local old, new = get("event", x.event), get("event", p.made)
	eq(new.title, "东厂异味")
	eq(new.signals, 1)
	eq(old.signals, 2)
	eq(old.title, "西厂异味")
	eq(old.object_name, "西厂")
	eq(old.place.coordinates[1], 118.771)
	eq(cases.get("event", p.made).state, "confirming")
	ok(old.no ~= new.no)
end)

test("拆不成：全拆走、别件的线索、没有理由、已办结", function()
	local a, b = two("2026-04-11")
	fails(function() part(a, ids_of(a), "试") end, "至少留一条")
	fails(function() part(a, ids_of(b), "试") end, "都属于这一件")
	local id = signal { source_ref = "Q1", nature = "odour", seen_at = "2026-04-11T20:10:00+08:00", place = point(118.770, 32.060) }
	eq(get("signal", id).event, a)
	fails(function() part(a, { id }, nil) end, "reason")
	cases.act { flow = "event", id = a, act = "go", to = "rejected", data = { reject_code = "false_alarm", reject_text = "试" } }
	fails(function() part(a, { id }, "试") end, "不在办")
end)

test("交班：在办清单随签字写下，另一人接班", function()
	local a = two("2026-04-05")
	local id = cases.open { flow = "handover", set = { shift_from = "2026-03-01T08:00:00+08:00", shift_to = "2026-03-01T20:00:00+08:00", outgoing = "陈" } }
	fails(function() cases.act { flow = "handover", id = id, act = "go", to = "offered" } end, "交班说明")
	cases.act { flow = "handover", id = id, act = "go", to = "offered", data = { notes = "盯住异味两起" } }
	local h = get("handover", id)
	local n = #cases.find { flow = "event", open = true, limit = 500 }
	ok(n >= 2)
	eq(h.open_n, n)
	eq(h.unconfirmed_n, #cases.find { flow = "event", state = "confirming", limit = 500 })
	eq(#h.matters, n)
	local due = {}
	for _, m in ipairs(h.matters) do
		due[#due + 1] = m.due
	end
	ok(#due > 0, "清单写明期限 the list tells what is due")
	ok(due[1]:match("^2026%-%d%d%-%d%d %d%d:%d%d$"), due[1])
	ok(h.outgoing_at)
	cases.act { flow = "event", id = a, act = "go", to = "rejected", data = { reject_code = "false_alarm", reject_text = "试" } }
	fails(function() cases.act { flow = "handover", id = id, act = "go", to = "taken", data = { incoming = "陈" } } end, "另一人")
	cases.act { flow = "handover", id = id, act = "go", to = "taken", data = { incoming = "李" } }
	eq(get("handover", id).open_n, n) -- 写下的不变 what was written stays
	eq(cases.get("handover", id).state, "taken")
	cases.act { flow = "handover", id = id, act = "document", document = "list" } -- 办结之后也能出清单 also after it was taken over
	eq(#cases.get("handover", id).documents, 1)
end)

-- 复盘：处置完毕的特急事件 an emergency whose handling is over
local function emergency(day)
	limits()
	local e = get("signal", signal { source_ref = "E" .. day, nature = "spill", seen_at = day .. "T10:00:00+08:00", place = point(118.770, 32.060) }).event
	return e
end

test("应急复盘：自成一件，经过、纪要、措施逐项到位才办结", function()
	local e = emergency("2026-04-13")
	eq(#all_of("after_review", { { field = "event", op = "=", value = e } }), 0)
	local c = cases.get("event", e)
	open_review(c, get("event", e))
	open_review(c, get("event", e)) -- 一件事件一份 once
	local list = all_of("after_review", { { field = "event", op = "=", value = e } })
	eq(#list, 1)
	local r = list[1]
	eq(r.why, "泄漏事故事件")
	ok(#r.course >= 1)
	eq(r.course[1].state, "confirming")
	eq(r.course[1].minutes, 0)
	fails(function() cases.act { flow = "after_review", id = r.id, act = "go", to = "meeting" } end, "核对后的经过")
	cases.act { flow = "after_review", id = r.id, act = "go", to = "meeting", data = { facts = "十时发现，十时二十分到场", attendees = "王、李", meeting_on = "2026-04-20" } }
	fails(function() cases.act { flow = "after_review", id = r.id, act = "go", to = "improve", data = { good = "到场快", wrong = "围油栏不够" } } end, "纪要")
	ok(#measures_lack({ measures = { { measure = "补围油栏", who = "王", due = "2026-05-20" } } }) == 1)
	ok(#measures_lack({ measures = { { measure = "补围油栏", who = "王", due = "2026-05-20", done_on = "2026-05-10", proof = "入库单 7" } } }) == 0)
	ok(#review_lacks({ files = { { kind = "minutes" } } }, { no_measure = "无" }) == 0)
	ok(#review_lacks({ files = { { kind = "minutes" } } }, {}) == 1)
end)

test("一般事件不复盘", function()
	local a = two("2026-04-15")
	open_review(cases.get("event", a), get("event", a))
	eq(#all_of("after_review", { { field = "event", op = "=", value = a } }), 0)
end)

test("应急复盘：核查同意回销时自己开出来", function()
	local e = emergency("2026-04-17")
	local x = cases.get("event", e)
	local function go(to, data)
		cases.act { flow = "event", id = e, act = "go", to = to, data = data }
	end
	for _, post in ipairs { "grid", "desk", "officer", "maintainer", "leader", "monitoring", "emergency" } do
		things.put { type = "shift", set = { user = "u-" .. post, name = post, post = post, from = time_add(now(), "-PT1H"), to = time_add(now(), "PT8H") } }
	end
	go("dispatching", { owner = "城区局", admin_area = x.area, grade = "3", grade_reason = "试" })
	go("dispatched")
	go("on_site", { arrived_at = now(), arrived_reason = "试" })
	go("closing", { findings = "阀门裂", measure = "换阀" })
	eq(#all_of("after_review", { { field = "event", op = "=", value = e } }), 0)
	go("checking", { cause = "equipment", affected = "无", measure = "换阀", moved_to = "案 7" })
	go("evaluating", { truth = "true" })
	local r = all_of("after_review", { { field = "event", op = "=", value = e } })[1]
	ok(r)
	eq(cases.get("after_review", r.id).state, "gathering")
	eq(r.course[#r.course].state, "evaluating")
	eq(#all_of("after_review", { { field = "event", op = "=", value = e } }), 1)
end)
