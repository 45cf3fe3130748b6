-- 数由手算 the numbers are worked by hand

local function signal(set)
	set.source_kind = set.source_kind or "complaint"
	set.text = set.text or "有刺鼻的异味"
	set.admin_area = set.admin_area or "320106"
	return things.put { type = "signal", set = set }.id
end
local function rules()
	for grade = 1, 4 do
		things.put { type = "event_limit", set = { stage = "confirm", grade = tostring(grade), n = 30, unit = "minute", basis = "试", valid_from = "2026-01-01" } }
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

test("超标：24 个达标小时或停产标记，并有企业签字", function()
	local case = { id = "00000000-0000-7000-8000-000000000000", files = {} }
	eq(#closing_lacks(case, { nature = "exceed", clean_hours = 23, statement = true }), 1)
	eq(#closing_lacks(case, { nature = "exceed", clean_hours = 24, statement = true }), 0)
	eq(#closing_lacks(case, { nature = "exceed", stop_mark = true }), 1)
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
	ok(h.outgoing_at)
	cases.act { flow = "event", id = a, act = "go", to = "rejected", data = { reject_code = "false_alarm", reject_text = "试" } }
	fails(function() cases.act { flow = "handover", id = id, act = "go", to = "taken", data = { incoming = "陈" } } end, "另一人")
	cases.act { flow = "handover", id = id, act = "go", to = "taken", data = { incoming = "李" } }
	eq(get("handover", id).open_n, n) -- 写下的不变 what was written stays
	eq(cases.get("handover", id).state, "taken")
end)
