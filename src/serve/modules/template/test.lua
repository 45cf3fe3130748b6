-- 模块自己的测试：shanshui module test @ID@
test("可以登记，编号不能重 can be entered, numbers are unique", function()
	local r = things.put { type = "@NAME@", set = { code = "T-1", name = "测试点", kind = "a", admin_area = "320104" } }
	ok(r.id)
	eq(things.get("@NAME@", r.id).fields.name, "测试点")
	fails(function()
		things.put { type = "@NAME@", set = { code = "T-1", name = "又一个", kind = "a", admin_area = "320104" } }
	end, "code")
end)

test("办结不能早于发现 cannot close before it was found", function()
	fails(function()
		things.put { type = "@NAME@", set = { code = "T-2", name = "点", kind = "a", admin_area = "320104", found_on = "2026-11-02", closed_on = "2026-11-01" } }
	end, "办结日期早于发现日期")
end)

test("别区的人看不见 other districts do not see it", function()
	local r = things.put { type = "@NAME@", set = { code = "T-3", name = "点", kind = "b", admin_area = "320104" } }
	as("enforce_officer", { area = "320115" })
	eq(things.get("@NAME@", r.id), nil)
	as("enforce_officer", { area = "320104" })
	eq(things.get("@NAME@", r.id).fields.code, "T-3")
end)
