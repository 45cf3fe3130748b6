-- 数由手算 the numbers are worked by hand
local ITEM = { limit_standard = "GB 12523-2011" }

test("住户处声级：90 dB(5 m)，50 m 处 70，隔声 10 后 60；两台 63", function()
	eq(facade_level { facade_m = 50, barrier_db = 10, machines = { { count = 1, level = 90, at_m = 5 } } }, 60)
	eq(facade_level { facade_m = 50, barrier_db = 10, machines = { { count = 2, level = 90, at_m = 5 } } }, 63)
end)

test("超过夜间 55 dB 须有措施", function()
	eq(#examine_lacks({ facade_db = 60 }, ITEM), 1)
	eq(#examine_lacks({ facade_db = 60, measures = "隔声屏" }, ITEM), 0)
	eq(#examine_lacks({ facade_db = 54.9 }, ITEM), 0)
end)

test("禁止时段里的夜被指出，抢险除外", function()
	things.put { type = "ban_window", set = { name = "高考", from = "2027-06-07", to = "2027-06-10", exempt = "rescue", basis = "通告" } }
	eq(#bans_of { process = "pour", nights = { { night = "2027-06-08" }, { night = "2027-06-12" } } }, 1)
	eq(#bans_of { process = "rescue", nights = { { night = "2027-06-08" } } }, 0)
end)
