test("流速上限不小于下限，不能汇入自己", function()
	local function reach(set)
		set.code, set.name, set.basis, set.bank_m = "T", "试", "试", 300
		set.line = { type = "LineString", coordinates = { { 118.5, 32 }, { 118.6, 32 } }, crs = "CGCS2000" }
		return things.put { type = "river_reach", set = set }.id
	end
	fails(function() reach { speed_low = 0.5, speed_high = 0.2 } end, "流速上限小于下限")
	local id = reach { speed_low = 0.2, speed_high = 0.5 }
	fails(function() things.put { type = "river_reach", id = id, set = { into = "T" } } end, "不能汇入自己")
	local away, along, length = along_line(get("river_reach", id).line, 118.55, 32.01)
	ok(math.abs(along / length - 0.5) < 0.001)
	ok(math.abs(away - 1109) < 5) -- 纬度 0.01 度 a hundredth of a degree of latitude
end)
