-- 抽取：结果由 tests/draw/replay.mjs（另写的程序）算出 expected results come from the independent replay

local function kit()
	local objects, officers = {}, {}
	for i = 1, 12 do
		objects[i] = string.format("S%02d|%s|%s|%d|%s|厂%d", i, i % 2 == 0 and "320104" or "320102", i % 3 == 0 and "key" or "general", i % 5 == 0 and 2000 or 1000, i == 7 and "正面清单" or "", i)
	end
	for i = 1, 5 do
		officers[i] = string.format("F%d|C%d|2030-01-01|%s||9|%s|%s", i, i, i < 4 and "320102" or "320104", i == 2 and "S01" or "", i == 4 and "S02" or "")
	end
	local k = { draw = "T1", day = "2026-11-27", rule = { key_percent = 25, general_per_officer = 1, officers_per_object = 2, freeze_hours = 0 }, objects = table.concat(objects, "\n"),
		officers = table.concat(officers, "\n"), public_number = "0712213033", secret = "秦淮" }
	k.objects_digest, k.officers_digest, k.secret_digest = pool_digest(k.objects), pool_digest(k.officers), sm3(k.secret)
	k.seed = seed_of(k)
	return k
end

test("同样的材料，同样的结果 same kit, same draw", function()
	local k = kit()
	eq(k.seed, "32c86554a872fc2f586ae3bd4cca65507059a571230a11f6164da61322f21a7f")
	local results, position = run_draw(k)
	eq(position, 12)
	eq(#results, 4)
	for i, want in ipairs { { "S01", "F1,F3" }, { "S09", "F2,F3" }, { "S08", "F4,F5" }, { "S06", "F4,F5" } } do
		eq(results[i].object, want[1])
		eq(results[i].officers, want[2])
	end
end)

test("回避与换人 avoidance and swaps", function()
	local k = kit()
	local results = run_draw(k)
	for _, r in ipairs(results) do
		ok(not (r.object == "S01" and r.officers:find("F2")))
	end
	local _, _, swaps, pairs_of = run_draw(k, { { object = "S01", outgoing = "F1", reason = "病假" } })
	ok(swaps[1].incoming ~= "F2" and swaps[1].incoming ~= "F1" and swaps[1].incoming ~= "F3")
	eq(#pairs_of.S01, 2)
	fails(function() run_draw(k, { { object = "S01", outgoing = "F5", reason = "x" } }) end, "不是 S01 的检查人员")
	fails(function() run_draw(k, { { object = "S99", outgoing = "F5", reason = "x" } }) end, "不在抽取结果里")
end)

test("没有人能指定结果 nobody chooses", function()
	local k = kit()
	k.quarter, k.public_source, k.frozen_at = "2026Q4", "某彩票第 1 期", "2026-11-26T09:00:00+08:00"
	k.results, k.position = run_draw(k)
	local id = things.put { type = "draw", set = k }.id
	local other = {}
	for i, r in ipairs(k.results) do
		other[i] = { object = r.object, area = r.area, class = r.class, officers = r.officers, widened = r.widened }
	end
	other[2].officers = "F1,F3"
	fails(function() things.put { type = "draw", id = id, set = { results = other } } end, "不是数流给出的")
	fails(function() things.put { type = "draw", id = id, set = { objects = k.objects .. "\nS13|320102|key|1000||厂13" } } end, "已冻结")
	fails(function() things.put { type = "draw", id = id, set = { public_number = "1" } } end, "不能再改")
	fails(function() things.put { type = "draw", id = id, set = { swaps = { { object = "S01", outgoing = "F1", reason = "x", incoming = "F2", position = 13 } } } } end, "不是数流的下一个")
end)
