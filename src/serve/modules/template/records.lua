-- 档案类型：字段、检查、谁可以。Record types: fields, checks, who may.
code "@NAME@_kind" {
	title = { zh = "@ZH@的种类", en = "Kinds of @EN@" },
	rows = {
		{ code = "a", zh = "甲类", en = "Kind A" },
		{ code = "b", zh = "乙类", en = "Kind B" },
	},
}

record "@NAME@" {
	title = { zh = "@ZH@", en = "@EN@" },
	family = "events",
	label = "internal",
	title_field = "name",
	area = "admin_area",
	geometry = "place",
	fields = {
		{ id = "code", title = { zh = "编号", en = "Number" }, type = "text", required = true, unique = true, max = 20, list = true },
		{ id = "name", title = { zh = "名称", en = "Name" }, type = "text", required = true, max = 100, list = true, search = true },
		{ id = "kind", title = { zh = "种类", en = "Kind" }, type = "code", codes = "@NAME@_kind", required = true, list = true, filter = true },
		{ id = "admin_area", title = { zh = "行政区", en = "District" }, type = "area", required = true, list = true, filter = true },
		{ id = "found_on", title = { zh = "发现日期", en = "Found on" }, type = "date", list = true },
		{ id = "closed_on", title = { zh = "办结日期", en = "Closed on" }, type = "date" },
		{ id = "area_m2", title = { zh = "面积", en = "Area" }, type = "number", min = 0, unit = "m2" },
		{ id = "place", title = { zh = "位置", en = "Place" }, type = "point" },
		{ id = "note", title = { zh = "说明", en = "Note" }, type = "longtext", search = true },
		{ id = "seen", title = { zh = "最近核对", en = "Last looked at" }, type = "time" },
	},
	checks = {
		{
			field = "closed_on",
			fn = function(x)
				local r = x.record
				if r.closed_on and r.found_on and r.closed_on < r.found_on then
					return { zh = "办结日期早于发现日期", en = "closed before it was found" }
				end
			end,
		},
	},
	rights = {
		duty_city = "RCUX all",
		duty_district = "RCUX area",
		enforce_officer = "RCU area",
		leader_city = "R all",
		leader_district = "R area",
	},
}
