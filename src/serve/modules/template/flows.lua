-- 流程：一个案件就是一条档案，从一个状态走到下一个。A case is a record that goes from state to state.
flow "@NAME@_handling" {
	record = "@NAME@",
	title = { zh = "@ZH@办理", en = "Handling of @EN@" },
	version = 1,
	start = "check",
	open_roles = { "duty_city" },
	states = {
		{
			id = "check",
			title = { zh = "核查", en = "Check" },
			kind = "work",
			roles = { "duty_city" },
			area = "city",
			form = { "kind", "note" },
			required = { "kind" },
			leave = {
				{ to = "done", title = { zh = "办结", en = "Close" }, needs = { fields = { "note", "closed_on" } } },
			},
			allow = { "return", "comment", "urge" },
		},
		{ id = "done", title = { zh = "已办结", en = "Closed" }, kind = "end" },
	},
}
