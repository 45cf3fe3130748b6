-- 年排放量、回测、自行监测：数由手算 worked by hand

test("一小时的吨 tonnes of an hour", function()
	-- 100 L/s × 50 mg/L × 3600 s = 18,000,000 mg = 0.018 t
	eq(string.format("%.6f", hour_mass(100, 50)), "0.018000")
	-- 10 m3/s × 35 mg/m3 × 3600 s = 1,260,000 mg = 0.00126 t
	eq(string.format("%.6f", hour_mass(10, 35)), "0.001260")
	local sum, n = mass_of({ { at = "a", mean = 100 }, { at = "b", mean = 100 } }, { { at = "b", mean = 50 }, { at = "c", mean = 50 } })
	eq(n, 1) -- 两者都有的只有一小时 only one hour has both
	eq(string.format("%.6f", sum), "0.018000")
end)

test("灯：八成黄，超过红 lights", function()
	eq(light_of(79.99, today()), "green")
	eq(light_of(80, today()), "yellow")
	eq(light_of(100, today()), "yellow") -- 恰为许可量，没有超过 exactly what is permitted is not above it
	eq(light_of(100.01, today()), "red")
end)

test("回测：超的、没有数据的 back-test", function()
	local rows = { { at = "1", n_valid = 1, mean = 40 }, { at = "2", n_valid = 1, mean = 40.1 }, { at = "3", n_valid = 0, mean = 99 }, { at = "4", n_valid = 1, mean = 60 } }
	local n, over_n, first = tried({ high = 40 }, rows)
	eq(n, 3)
	eq(over_n, 2)
	eq(first, "2")
	n, over_n = tried({ low = 6, high = 9 }, { { at = "1", n_valid = 1, mean = 5.9 }, { at = "2", n_valid = 1, mean = 9 } })
	eq(over_n, 1)
	n = tried({ high = 40 }, {})
	eq(n, 0)
end)

test("监测的期 periods", function()
	local function span(frequency, day)
		local a, b = period_of(frequency, day)
		return a .. " " .. b
	end
	eq(span("week", "2026-11-28"), "2026-11-23 2026-11-29") -- 周六
	eq(span("week", "2026-11-29"), "2026-11-23 2026-11-29")
	eq(span("week", "2026-11-30"), "2026-11-30 2026-12-06")
	eq(span("month", "2024-02-29"), "2024-02-01 2024-02-29")
	eq(span("quarter", "2026-12-31"), "2026-10-01 2026-12-31")
	eq(span("half", "2026-07-01"), "2026-07-01 2026-12-31")
	eq(span("year", "2026-03-01"), "2026-01-01 2026-12-31")
	-- 自 1 月起每季一次，到 11 月应有三季，做了一季，缺二 three quarters are over, one was done
	eq(missed({ frequency = "quarter", from = "2026-01-01" }, { "2026-05-06" }, "2026-11-28"), 2)
	eq(missed({ frequency = "month", from = "2026-09-15" }, { "2026-10-31" }, "2026-11-28"), 0) -- 9 月不满一期不算 a part of a period does not count
end)

test("方案由许可来，结果按采样那天的限值判，缺的成义务 by the limit of the day", function()
	local id = things.put { type = "discharger", set = { name = "南京自测化工有限公司", address = "测试路 1 号", place = { type = "Point", coordinates = { 118.77, 32.06 } }, admin_area = "320106", industry = "C2614", manage_class = "key" } }.id
	local outlet = things.put { type = "outlet", set = { discharger = id, code = "DW001", label = "总排口", medium = "water", kind = "main" } }.id
	local permit = things.put { type = "permit", set = { number = "91320100MA0000001B009P", discharger = id, effective = "2026-01-01", expiry = "2030-12-31" } }.id
	local function sign(kind, from, value)
		local v = cases.open { flow = "permit_signing", set = { permit = permit, kind = kind, effective_from = from } }
		things.put { type = "permit_limit", set = { version = v, outlet = outlet, factor = "w01018", statistic = "day", value = value, unit = "mg/L", frequency = "month" } }
		cases.act { flow = "permit_signing", id = v, act = "go", to = "checked" }
		cases.act { flow = "permit_signing", id = v, act = "go", to = "signed" }
	end
	sign("first", "2026-01-01", "80")
	sign("change", "2026-06-01", "50")
	local plans = all_of("self_monitor_plan", { { field = "discharger", op = "=", value = id } })
	eq(#plans, 1)
	eq(plans[1].frequency, "month")
	local function result(day, printed)
		return get("self_monitor_result", things.put { type = "self_monitor_result", set = { plan = plans[1].id, sampled_on = day, printed = printed, report_no = "R" .. day } }.id)
	end
	eq(result("2026-05-31", "60").verdict, "within") -- 那天限值 80
	local r = result("2026-06-01", "60") -- 这天 50
	eq(r.verdict, "over")
	eq(string.format("%.2f", r.multiple), "0.20")
	eq(result("2026-06-02", "<4").verdict, "within")
	eq(result("2025-12-31", "60").verdict, "no_limit")
	fails(function() result("2026-06-03", "ND") end, "不是数")
	fails(function() result(time_add(today(), "P1D"):sub(1, 10), "10") end, "将来")
	eq(#all_of("duty", { { field = "discharger", op = "=", value = id }, { field = "kind", op = "=", value = "self_monitor" } }), 1)
	ok(get("self_monitor_plan", plans[1].id).missing >= 1)
end)
