-- 模块的索引：是谁、为什么、需要谁。The index of the module.
module {
	id = "@ID@",
	title = { zh = "@ZH@", en = "@EN@" },
	rows = {}, -- 它办到的计划条目，如 "P3.6.1a" rows of the plan that it serves
	needs = {}, -- 需要的其他模块，如 "sources/registry" other modules
	about = { zh = "@ZH@：由样板新建，可直接运行。", en = "@EN@: made from the template, works as it is." },
}

menu {
	{ id = "@NAME@", title = { zh = "@ZH@", en = "@EN@" }, order = 900 },
}
