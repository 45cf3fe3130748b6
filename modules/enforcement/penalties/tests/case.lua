-- 案件在流程里走的头几步 the first steps of a case in its flow

local function clue(more)
	local set = { title = "某厂超标排放案", procedure = "general", admin_area = "320106", discovered_at = time_add(today(), "-P3D"), party_kind = "unit", party_name = "某厂", party_address = "某路1号",
		conduct = "W01", act_text = "总排口超标", act_place = "总排口", act_from = time_add(today(), "-P10D"), act_end = time_add(today(), "-P5D"), how = "data", violated_clause = "某条", penalty_clause = "某条" }
	for k, v in pairs(more or {}) do
		set[k] = v
	end
	return cases.open { flow = "penalty", set = set }
end

test("立案连续编号 filed, numbered", function()
	local numbers = {}
	for i = 1, 2 do
		local id = clue()
		eq(cases.get("penalty", id).state, "clue")
		eq(cases.act { flow = "penalty", id = id, act = "go", to = "filing" }.state, "filing")
		fails(function() cases.act { flow = "penalty", id = id, act = "go", to = "investigation" } end, "立案审批表")
		cases.act { flow = "penalty", id = id, act = "document", document = "filing" }
		cases.act { flow = "penalty", id = id, act = "go", to = "investigation" }
		numbers[i] = tonumber(things.get("penalty_case", id).fields.case_no:match("〕(%d+)号"))
	end
	eq(numbers[2], numbers[1] + 1)
end)

test("追责时效 limitation", function()
	local id = clue { act_from = "2021-01-01", act_end = "2021-01-10" }
	fails(function() cases.act { flow = "penalty", id = id, act = "go", to = "filing" } end, "追责时效")
	-- 涉及生命健康安全且有危害后果：五年 five years with harm to life
	local from = time_add(today(), "-P3Y")
	id = clue { act_from = from, act_end = from, harm_life = true }
	eq(cases.act { flow = "penalty", id = id, act = "go", to = "filing" }.state, "filing")
end)

test("简易程序的数额 the simple procedure's limit", function()
	local id = clue { procedure = "simple", fine = "3001", officers = { { name = "兰", certificate = "1", valid_to = "2030-01-01" } } }
	cases.act { flow = "penalty", id = id, act = "document", document = "simple" }
	fails(function() cases.act { flow = "penalty", id = id, act = "go", to = "service" } end, "3000")
	cases.act { flow = "penalty", id = id, act = "save", data = { fine = "3000" } }
	eq(cases.act { flow = "penalty", id = id, act = "go", to = "service" }.state, "service")
	eq(#cases.find { flow = "penalty", state = "service" }, 1)
end)
