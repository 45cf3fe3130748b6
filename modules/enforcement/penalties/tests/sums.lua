-- 手算例：裁量、期限、加处、按日、大写 sums and days worked by hand

test("裁量：区间与百分点 discretion", function()
	local items = { { percent = 20 }, { percent = 15 }, { percent = 5 } }
	eq(discretion(100000, 1000000, items), 460000) -- 100,000 + 900,000 × 40 %
	items[4] = { percent = 10 } -- 两年内再犯 again within two years
	eq(discretion(100000, 1000000, items), 550000)
	eq(discretion(100000, 1000000, { { percent = 130 } }), 1000000)
	eq(discretion(100000, 1000000, { { percent = -30 } }), 100000)
	eq(discretion(20000, 199999, { { percent = 33 } }), 79399) -- 20,000 + 59,399.67，舍到元
end)

test("按日连续处罚 daily fine", function()
	-- 6 月 3 日送达责令改正，20 日复查仍在继续：4 至 20 日，17 日
	eq(daily_days("2026-06-03", "2026-06-20"), 17)
end)

test("加处罚款 surcharge", function()
	eq(surcharge(200000, 10), 60000)
	eq(surcharge(200000, 40), 200000) -- 第 34 日到顶
	eq(surcharge(200000, 33), 198000)
	eq(surcharge(200000, 40, 35), 30000) -- 复议诉讼 35 日不计
	eq(surcharge(200000, -3), 0)
end)

test("期限 deadlines", function()
	eq(deadline("decision", "2026-01-15").last_day, "2026-04-15")
	eq(deadline("decision", "2026-01-15", { excluded_days = 22 }).last_day, "2026-05-07")
	eq(deadline("payment", "2026-09-18").last_day, "2026-10-03") -- 在国庆假期里
	eq(deadline("payment", "2026-09-18").next_working_day, "2026-10-08")
end)

test("大写金额 capital", function()
	eq(capital(0), "零元整")
	eq(capital(460000), "肆拾陆万元整")
	eq(capital(1360000), "壹佰叁拾陆万元整")
	eq(capital(100005), "壹拾万零伍元整")
	eq(capital(20300), "贰万零叁佰元整")
	eq(capital(100000000), "壹亿元整")
	eq(capital(10203), "壹万零贰佰零叁元整")
end)

test("低于下限须有条款，高于上限拒绝 the range", function()
	local base = { title = "某厂超标排放案", procedure = "general", admin_area = "320106", discovered_at = "2026-11-01", min_fine = "100000", max_fine = "1000000", fine = "460000" }
	local function with(more)
		local set = {}
		for k, v in pairs(base) do
			set[k] = v
		end
		for k, v in pairs(more) do
			set[k] = v
		end
		return function() return things.put { type = "penalty_case", set = set } end
	end
	ok(with({})().id)
	fails(with({ fine = "90000" }), "减轻")
	ok(with({ fine = "90000", adjust = "mitigated", adjust_clause = "行政处罚法 32" })().id)
	fails(with({ fine = "1000001" }), "上限")
	fails(with({ officers = { { name = "甲", certificate = "1", valid_to = "2030-01-01" }, { name = "乙", certificate = "1", valid_to = "2030-01-01" } } }), "同一执法证")
	fails(with({ statements = { { who = "张", from = "2026-11-02T09:00:00+08:00", to = "2026-11-02T10:00:00+08:00", officers = "甲、乙" },
		{ who = "李", from = "2026-11-02T09:30:00+08:00", to = "2026-11-02T10:30:00+08:00", officers = "乙、丙" } } }), "同时询问")
	-- 张与周的字节有相同的：名字按字分开，不按字节 their bytes overlap: names are parted by characters
	ok(with({ statements = { { who = "甲", from = "2026-11-02T09:00:00+08:00", to = "2026-11-02T10:00:00+08:00", officers = "周五，赵六" },
		{ who = "乙", from = "2026-11-02T09:30:00+08:00", to = "2026-11-02T10:30:00+08:00", officers = "张三、李四" } } })().id)
end)

-- 日子由手算：2026-01-15 送达，六个月满在 2026-07-15（星期三），三个月满在 2026-10-15（星期四）；催告 07-20 送达，满十日在 07-30
test("申请法院执行的期限 when the court may be asked", function()
	local function why(on, pressed)
		local out = {}
		for _, m in ipairs(court_lacks { court_applied_at = on, press_served_at = pressed or "2026-07-20", court_from = deadline("suit", "2026-01-15").next_working_day,
			court_due = deadline("court", "2026-07-15").next_working_day }) do
			out[#out + 1] = m.zh
		end
		return table.concat(out, "；")
	end
	eq(deadline("suit", "2026-01-15").next_working_day, "2026-07-15")
	eq(deadline("court", "2026-07-15").next_working_day, "2026-10-15")
	eq(why("2026-08-03"), "")
	eq(why("2026-10-15"), "")
	ok(why("2026-10-16"):find("期限 2026-10-15 已过", 1, true))
	ok(why("2026-07-30"):find("满十日", 1, true))
	eq(why("2026-07-31"), "")
	ok(why("2026-07-15", "2026-07-01"):find("诉讼期限 2026-07-15 未满", 1, true))
end)
