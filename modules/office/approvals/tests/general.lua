-- 一条路，各事项只靠数据：每种事项的例子走到头 one course, items by data: each kind to its end
local function item(code, more)
	local set = { code = code, name = "事项" .. code, kind = "permit", level = "district", basis = "试", who = "试", legal_days = 20, promised_days = 12, course = "examined", version = 1, valid_from = "2026-01-01" }
	for k, v in pairs(more or {}) do
		set[k] = v
	end
	return things.put { type = "approval_item", set = set }.id
end
local function paper(id, code, more)
	local set = { key = id .. "/" .. code, item = id, code = code, name = code, need = "must", source = "applicant" }
	for k, v in pairs(more or {}) do
		set[k] = v
	end
	things.put { type = "approval_material", set = set }
end
local function apply(id, more)
	local set = { item = id, project = "试项目", applicant = "南京测试有限公司", credit_code = "91320100MA0000001B", contact = "赵六", phone = "13800000000", district = "320106" }
	for k, v in pairs(more or {}) do
		set[k] = v
	end
	return cases.open { flow = "approval", set = set }
end
local function go(id, to, data)
	return cases.act { flow = "approval", id = id, act = "go", to = to, data = data }.state
end
local function refuses(id, to, words)
	fails(function() go(id, to) end, words)
end

local function notices(c)
	return all_of("approval_notice", { { field = "application", op = "=", value = get("application", c).no } })
end

test("须填的、须交的由数据说 what is asked is data", function()
	local id = item("C", { ask = { { field = "river" }, { field = "flow_m3d" } } })
	paper(id, "report", { only = "report" })
	paper(id, "brief", { only = "brief" })
	paper(id, "licence", { source = "shared" })
	local c = apply(id)
	refuses(c, "received", "受纳水体")
	cases.act { flow = "approval", id = c, act = "save", data = { river = "秦淮河", flow_m3d = 120, trade = "dyeing" } }
	refuses(c, "received", "（report）") -- 印染须论证报告 dyeing needs the report
	cases.act { flow = "approval", id = c, act = "save", data = { trade = "other" } }
	refuses(c, "received", "（brief）")
	cases.act { flow = "approval", id = c, act = "save", data = { toxic = true } }
	refuses(c, "received", "（report）")
end)

test("共享核验的材料不要 what is shared is never asked for", function()
	local id = item("S")
	paper(id, "licence", { source = "shared" })
	eq(go(apply(id), "received"), "received")
end)

test("当场备案，有号 filed at once, with a number, and public", function()
	local id = item("F", { course = "at_once", kind = "filing", legal_days = 0, promised_days = 0, announced = true })
	local c = apply(id)
	refuses(c, "received", "不走这一步")
	eq(go(c, "delivered"), "delivered")
	ok(get("application", c).result_no:match("^宁环备〔%d+〕%d+号$"))
	eq(notices(c)[1].stage, "filed")
	refuses(apply(item("G", { course = "guide" })), "delivered", "只有办事指南")
end)

test("重点管理单位先公开五个工作日 disclosure before the application", function()
	local id = item("B01")
	local c = apply(id, { manage_class = "key", disclosed_on = today() })
	refuses(c, "received", "5 个工作日")
	cases.act { flow = "approval", id = c, act = "save", data = { disclosed_on = time_add(today(), "-P30D") } }
	eq(go(c, "received"), "received")
end)

test("公示不满不能报决定，意见须答复 notices are waited for, objections answered", function()
	local id = item("A", { notice_accept_days = 10, notice_decide_days = 5, announced = true })
	local c = apply(id, { applicant_kind = "person", person = "欧阳明" })
	go(c, "received")
	go(c, "accept")
	eq(get("application", c).accept_notice_to, workdays(today(), 10))
	eq(notices(c)[1].applicant, "欧某") -- 公众只见姓 only the surname is told
	cases.act { flow = "approval", id = c, act = "document", document = "receipt" }
	cases.act { flow = "approval", id = c, act = "save", data = { opinion = "符合", objections = { { text = "离我家太近" } } } }
	refuses(c, "publicity", "受理公示")
	things.put { type = "application", id = c, set = { accept_notice_to = time_add(today(), "-P1D") } }
	refuses(c, "deciding", "拟批公示")
	eq(go(c, "publicity"), "publicity")
	refuses(c, "deciding", "未满")
	things.put { type = "application", id = c, set = { proposed_notice_to = time_add(today(), "-P1D") } }
	refuses(c, "deciding", "离我家太近")
	cases.act { flow = "approval", id = c, act = "save", data = { objections = { { text = "离我家太近", answer = "距离 300 米，符合防护距离" } } } }
	eq(go(c, "deciding"), "deciding")
	refuses(c, "granted", "准予决定书")
	cases.act { flow = "approval", id = c, act = "document", document = "decision" }
	eq(go(c, "granted"), "granted")
	ok(get("application", c).result_no:match("^宁环准〔"))
	eq(#notices(c), 3)
end)

test("晚于期满前六十日的延续被指出 a late renewal is told", function()
	eq(finding_of { change_kind = "renew", permit_expiry = time_add(today(), "P59D"):sub(1, 10) } ~= nil, true)
	eq(finding_of { change_kind = "renew", permit_expiry = time_add(today(), "P60D"):sub(1, 10) }, nil)
	eq(finding_of { change_kind = "change", permit_expiry = today() }, nil)
end)
