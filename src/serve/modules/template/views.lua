-- 页面与图层：列表、表单、历史由类型而来，这里只写另外要的。Pages and layers beyond the generated ones.
view "@NAME@_list" {
	title = { zh = "@ZH@", en = "@EN@" },
	menu = "@NAME@",
	type = "@NAME@",
	layout = "list",
	columns = { "code", "name", "kind", "admin_area", "found_on" },
}

view "@NAME@_board" {
	title = { zh = "@ZH@办理", en = "Handling" },
	menu = "@NAME@",
	flow = "@NAME@_handling",
	layout = "board",
}

layer "@NAME@_layer" {
	type = "@NAME@",
	title = { zh = "@ZH@", en = "@EN@" },
	style = { field = "kind" },
}

seed { type = "@NAME@", file = "data/@NAME@.csv" }
