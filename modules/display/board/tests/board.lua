-- 模块自己的测试：shanshui module test display/board
local OK = '{"source":{"kind":"static","columns":[{"name":"d","type":"text"},{"name":"v","type":"number"}],"rows":[["a",1],["b",2]]},"steps":[{"do":"sort","by":["-v"]}]}'

test("写得对的存得进，写错的指明字段 a right one is kept, a wrong one is refused by field", function()
	local r = things.put { type = "data_set", set = { code = "t_one", name = "一", spec = OK } }
	eq(things.get("data_set", r.id).fields.code, "t_one")
	fails(function()
		things.put { type = "data_set", set = { code = "t_two", name = "二", spec = (OK:gsub('"%-v"', '"nix"')) } }
	end, "steps.0.by.0")
	fails(function()
		things.put { type = "data_set", set = { code = "t_three", name = "三", spec = "{" } }
	end, "spec")
end)

test("代号不能重，写法有规矩 codes are unique and plain", function()
	things.put { type = "data_set", set = { code = "t_four", name = "四", spec = OK } }
	fails(function()
		things.put { type = "data_set", set = { code = "t_four", name = "又", spec = OK } }
	end, "code")
	fails(function()
		things.put { type = "data_set", set = { code = "T 5", name = "五", spec = OK } }
	end, "code")
end)

test("图的通道须绑全 a chart's channels must be bound", function()
	things.put { type = "chart", set = { code = "t_chart", name = "图", spec = '{"set":"t_one","chart":"bar","bind":{"x":"d","y":["v"]}}' } }
	fails(function()
		things.put { type = "chart", set = { code = "t_chart2", name = "图", spec = '{"set":"t_one","chart":"bar","bind":{"x":"d"}}' } }
	end, "bind.y")
	fails(function()
		things.put { type = "chart", set = { code = "t_chart3", name = "图", spec = '{"set":"t_one","chart":"cake","bind":{}}' } }
	end, "chart")
end)
