-- 名录：限值的去处、重复的评分 where limits go, how alike two are

local function firm(more)
	local set = { name = "南京测试化工有限公司", credit_code = "91320100MA0000001B", address = "测试路 1 号", place = { type = "Point", coordinates = { 118.77, 32.06 } }, admin_area = "320106",
		industry = "C2614", manage_class = "key" }
	for k, v in pairs(more or {}) do
		set[k] = v
	end
	return things.put { type = "discharger", set = set }.id
end

test("日期 days", function()
	eq(day_add("2026-03-01", -1), "2026-02-28")
	eq(day_add("2024-02-28", 1), "2024-02-29")
	eq(day_add("2026-12-31", 1), "2027-01-01")
	eq(day_add("2026-01-31", 59), "2026-03-31")
end)

test("登记与检查 entry", function()
	local id = firm()
	local d = get("discharger", id)
	ok(d.source_code:match("^3201S%d%d%d%d%d%d%d$"))
	fails(function() firm { name = "有 空白" } end, "空白")
	fails(function() firm { credit_code = "91320100MA0000001X" } end, "校验")
	fails(function() firm { status = "closed" } end, "依据")
	local outlet = things.put { type = "outlet", set = { discharger = id, code = "DW001", label = "总排口", medium = "water", kind = "main" } }.id
	eq(get("outlet", outlet).admin_area, "320106") -- 从单位得来 from the discharger
	eq(get("outlet", outlet).key, d.source_code .. "/DW001")
	fails(function() things.put { type = "outlet", set = { discharger = id, code = "XX1", label = "x", medium = "water", kind = "main" } } end, "HJ 608")
	things.put { type = "binding", set = { outlet = outlet, factor = "w01018", mn = "MN1", valid_from = "2024-01-01" } }
	fails(function() things.put { type = "binding", set = { outlet = outlet, factor = "w01018", mn = "MN2", valid_from = "2025-01-01" } } end, "重叠")
	things.put { type = "binding", set = { outlet = outlet, factor = "w01018", mn = "MN2", valid_from = "2025-01-01", standby = true } }
end)

test("每条限值只有一个去处 every limit goes somewhere", function()
	local function kind(limit)
		local c = classify(limit, "2026-01-01")
		return c.kind, c.reason
	end
	local function limit(more)
		local l = { factor = "w01018", kind = "conc", statistic = "hour", compare = "<=", value = "50", unit = "mg/L" }
		for k, v in pairs(more) do
			l[k] = v
		end
		return l
	end
	for _, case in ipairs {
		{ limit { value = "—" }, "refused", "不是一个数" }, { limit { value = "≤50/60" }, "refused", "不是一个数" }, { limit { value = "0" }, "refused", "零与负数" },
		{ limit { factor = "w99999" }, "refused", "编码表" }, { limit { unit = "m/s" }, "refused", "换算不到" }, { limit { unit = "mg/Nm3" }, "refused", "换算不到" },
		{ limit { compare = "range", value = "6", value2 = "5" }, "refused", "上限" }, { limit { kind = "colour" }, "manual", "实验室" }, { limit { kind = "annual_mass", unit = "t" }, "manual", "核算" },
		{ limit { statistic = "month" }, "manual", "核算" }, { limit { condition = "水温 <= 12" }, "manual", "条件" }, { limit {}, "manual", "没有对应的排放口" },
	} do
		local k, reason = kind(case[1])
		eq(k, case[2])
		ok(reason:find(case[3], 1, true))
	end
end)

test("同一处几条限值：最严的成为规则 the strictest of several becomes the rule", function()
	local function row(value, unit, more)
		local c = { kind = "auto", mn = "M", point = "", averaging = "hour", high = tonumber(value) }
		for k, v in pairs(more or {}) do
			c[k] = v
		end
		return { limit = { factor = "w01018", value = value, unit = unit, standard = "国家", clause = "表1" }, c = c }
	end
	local function kinds(...)
		local out = {}
		for _, r in ipairs(strictest { ... }) do
			out[#out + 1] = r.c.kind
		end
		return table.concat(out, " ")
	end
	eq(kinds(row("50", "mg/L"), row("40", "mg/L"), row("60", "mg/L")), "manual auto manual")
	eq(kinds(row("0.04", "g/L"), row("50", "mg/L")), "auto manual") -- 0.04 g/L = 40 mg/L
	eq(kinds(row("50", "mg/L"), row("40", "mg/L", { averaging = "day" })), "auto auto") -- 统计不同不相比 other statistics do not compete
	eq(kinds(row("9", nil, { low = 6 }), row("8", nil, { low = 6.5 })), "manual auto")
	eq(kinds(row("9", nil, { low = 7 }), row("8", nil, { low = 6 })), "auto refused") -- 互有松紧
	local loser = row("50", "mg/L")
	strictest { loser, row("40", "mg/L") }
	ok(loser.c.reason:find("更严的限值 40 mg/L", 1, true))
end)

test("失效后连续两小时有流量 flow two hours in a row", function()
	local function h(at, mean, n)
		return { at = at, mean = mean, n_valid = n or 1 }
	end
	eq(two_in_a_row { h("1", 0), h("2", 5), h("3", 0), h("4", 5), h("5", 6) }, "4")
	eq(two_in_a_row { h("1", 5), h("2", 5, 0), h("3", 5) }, nil) -- 无效的不算 an invalid hour breaks it
	eq(two_in_a_row {}, nil)
end)

test("关闭终止义务，核实完成义务 a closing ends duties, a confirmation fulfils one", function()
	local id = firm { name = "南京义务化工有限公司", credit_code = null }
	local function duty(kind)
		return things.put { type = "duty", set = { discharger = id, kind = kind, what = kind, due = "2026-12-31" } }.id
	end
	local contact, report = duty("contact"), duty("exec_report")
	things.put { type = "discharger", id = id, set = { contact_confirmed = "2026-11-01" } }
	eq(get("duty", contact).done, "2026-11-01")
	eq(get("duty", report).done, nil)
	things.put { type = "discharger", id = id, set = { status = "closed", status_evidence = "停产文件" } }
	eq(things.get("duty", report).state, "retired")
	eq(things.get("duty", contact).state, "active") -- 做完的留着 what was done stays
end)

test("重复的评分 duplicates", function()
	local place = { type = "Point", coordinates = { 118.77, 32.06 } }
	local far = { type = "Point", coordinates = { 118.79, 32.06 } }
	local function d(name, more)
		local r = { name = name, place = place }
		for k, v in pairs(more or {}) do
			r[k] = v
		end
		return r
	end
	eq(duplicate_score(d("甲", { credit_code = "A" }), d("乙", { credit_code = "A" })).score, 95)
	eq(duplicate_score(d("甲", { credit_code = "A" }), d("甲", { credit_code = "A", place = far })).score, 0) -- 分支
	eq(duplicate_score(d("南京长江化工有限公司", { phone = "1", permit_no = "P" }), d("长江化工", { phone = "1", permit_no = "P" })).score, 100)
	ok(duplicate_score(d("长江化工一厂", { phone = "1", legal_rep = "王" }), d("长江化工二厂", { phone = "1", legal_rep = "王" })).score < 60)
	ok(duplicate_score(d("长江化工", { credit_code = "A", phone = "1", eia_no = "E" }), d("长江化工", { credit_code = "B", phone = "1", eia_no = "E" })).score < 85)
	-- MARTHA 与 MARHTA：0.9611；DIXON 与 DICKSONX：0.8133（Winkler 1990 的例）
	eq(string.format("%.4f", jaro_winkler("MARTHA", "MARHTA")), "0.9611")
	eq(string.format("%.4f", jaro_winkler("DIXON", "DICKSONX")), "0.8133")
end)
