-- 登记类型 record types. 写法（spec）由平台整体检查，写错的存不进来。The platform checks a spec whole; a wrong one is refused.

local function coded(x)
	if not x.record.code:match("^[a-z][a-z0-9_]*$") then
		return bad("代号须为小写字母、数字、下划线，以字母开头", "small letters, digits and underscores, a letter first")
	end
	return true
end

local function declared(title)
	return {
		title = title, family = "board", label = "internal", title_field = "name", history = true,
		fields = {
			f("code", "代号", "Code", "text", { required = true, unique = true, max = 60, list = true, search = true, filter = true }),
			f("name", "名称", "Name", "text", { required = true, max = 80, list = true, search = true }),
			f("name_en", "英文名称", "English name", "text", { max = 120 }),
			f("note", "说明", "Note", "text", { max = 400, list = true, search = true }),
			f("spec", "写法", "Declaration", "longtext", { required = true, max = 60000, help = { zh = "JSON 文字", en = "JSON text" } }),
		},
		checks = { { field = "code", fn = coded } },
		rights = BOARD_RIGHTS,
	}
end

record "data_set"(declared { zh = "数据集", en = "Data set" })
record "chart"(declared { zh = "图", en = "Chart" })
