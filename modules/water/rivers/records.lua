-- 登记类型 record types

record "river_reach" {
	title = { zh = "河段", en = "River reach" }, family = "events", label = "internal", title_field = "name", geometry = "line", history = true,
	fields = {
		f("code", "编号", "Code", "text", { required = true, unique = true, max = 40, list = true, search = true }),
		f("name", "名称", "Name", "text", { required = true, max = 60, list = true, search = true }),
		f("line", "中线", "Middle line", "line", { required = true, help = { zh = "自上游画向下游", en = "drawn from upstream to downstream" } }),
		f("into", "汇入", "Flows into", "text", { max = 40, list = true, help = { zh = "河段的编号；空为流出本市", en = "code of a reach; empty: it leaves the city" } }),
		f("speed_low", "流速下限", "Slowest", "number", { required = true, min = 0.01, max = 5, unit = "m/s", list = true }),
		f("speed_high", "流速上限", "Fastest", "number", { required = true, min = 0.01, max = 5, unit = "m/s", list = true }),
		f("bank_m", "算在岸边的距离", "Counts as its bank", "number", { required = true, min = 10, max = 5000, unit = "m", list = true, help = { zh = "离中线多远以内算在这条河上", en = "within this of the middle line it is of this river" } }),
		f("wide", "江面宽，不横向混合", "Too wide to mix across", "bool", { default = false, list = true, help = { zh = "两岸分开看", en = "each bank by itself" } }),
		f("basis", "依据", "Basis", "text", { required = true, max = 200 }),
	},
	checks = { { field = "speed_high", fn = function(x)
		if x.record.speed_high < x.record.speed_low then
			return bad("流速上限小于下限", "the fastest is slower than the slowest")
		end
		return true
	end }, { field = "into", fn = function(x)
		if x.record.into and x.record.into == x.record.code then
			return bad("不能汇入自己", "it cannot flow into itself")
		end
		return true
	end } },
	rights = { leader_city = "R all", leader_district = "R all", duty_city = "R all", duty_district = "R all", monitor_eng = "RCU all", monitor_district = "R all",
		enforce_lead = "R all", enforce_officer = "R all", line_dept = "RCU all", line_water = "RCU all", town_grid = "R all", data_engineer = "RCU all" },
}
