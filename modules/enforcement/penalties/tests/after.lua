-- 决定之后：公示、按日连续处罚、移送 behind the decision

local function case(more)
	local set = { title = "某厂超标排放案", procedure = "simple", admin_area = "320106", discovered_at = time_add(today(), "-P60D"), party_kind = "unit", party_name = "某厂", party_code = "91320100MA0000001B", party_address = "某路1号",
		conduct = "W01", act_text = "总排口超标", act_place = "总排口", act_end = time_add(today(), "-P70D"), penalty_clause = "某条", fine = "80000", decision_date = time_add(today(), "-P30D"),
		evidence = { { no = "1", kind = "electronic", what = "数据包", digest = "ab" }, { no = "2", kind = "documentary", what = "被排除的", excluded = "程序违法" } } }
	for k, v in pairs(more or {}) do
		set[k] = v
	end
	return things.put { type = "penalty_case", set = set }.id
end
local function ago(n)
	return time_add(today(), "-P" .. n .. "D"):sub(1, 10)
end
local function go(flow, id, to, data)
	return cases.act { flow = flow, id = id, act = "go", to = to, data = data }.state
end

test("公示稿遮去个人信息 persons are left out", function()
	local r = { party_kind = "person", party_name = "欧阳明", party_address = "中山路8号302", legal_rep = "张三", statements = { { who = "李四" } } }
	eq(public_text(r, "欧阳明（320106199001011234，手机13800001111，电话025-84312345）住中山路8号302，李四、张三在场，COD 120 mg/L"),
		"欧某（（略），手机（略），电话（略））住中某，李某、张某在场，COD 120 mg/L")
	eq(public_party(r), "欧某")
	eq(public_party { party_kind = "unit", party_name = "南京某化工有限公司" }, "南京某化工有限公司")
	eq(#leaks_of(r, "张三到场"), 1)
	eq(#leaks_of(r, "号码 13800001111"), 1)
	eq(#leaks_of(r, "宁环罚〔2026〕12号，2026-11-28，罚款 460000 元"), 0)
end)

test("决定一出即起草，第二人核对，公开后公众可见，撤下后不可见 from draft to withdrawal", function()
	local id = cases.open { flow = "penalty", set = { title = "当场案", procedure = "simple", admin_area = "320106", discovered_at = today(), party_kind = "person", party_name = "王小明", conduct = "N01", act_text = "王小明（13800001111）夜间施工",
		penalty_clause = "某条", fine = "200", officers = { { name = "兰", certificate = "1", valid_to = "2030-01-01" } } } }
	cases.act { flow = "penalty", id = id, act = "document", document = "simple" }
	cases.act { flow = "penalty", id = id, act = "go", to = "service" }
	things.put { type = "penalty_case", id = id, set = { decision_date = today() } }
	local d = all_of("penalty_disclosure", { { field = "case", op = "=", value = id } })[1]
	ok(d)
	eq(d.facts, "王某（（略））夜间施工")
	go("disclosure", d.id, "check", { facts = "王小明夜间施工" })
	fails(function() go("disclosure", d.id, "published") end, "个人姓名")
	things.put { type = "penalty_disclosure", id = d.id, set = { facts = "王某夜间施工" } }
	eq(go("disclosure", d.id, "published"), "published")
	d = get("penalty_disclosure", d.id)
	local p = get("penalty_public", d.public_id)
	eq(p.party, "王某")
	eq(d.ends_on, time_add(today(), "P3Y"):sub(1, 10))
	fails(function() go("disclosure", d.id, "over") end, "未满")
	fails(function() go("disclosure", d.id, "repair", { repaired_on = today() }) end, "最短的 3 个月")
	fails(function() go("disclosure", d.id, "withdraw") end, "撤销之日")
	things.put { type = "penalty_disclosure", id = d.id, set = { ends_on = ago(1) } }
	end_of_terms()
	eq(cases.get("disclosure", d.id).state, "ended")
	eq(things.get("penalty_public", p.id).state, "retired")
end)

test("按日连续处罚：两轮，日数与数额手算 two rounds, worked by hand", function()
	local c = case()
	local function round(more)
		local set = { case = c, order_served_at = ago(20), rechecked_on = ago(3), found = "continuing", found_text = "总排口仍超标" }
		for k, v in pairs(more or {}) do
			set[k] = v
		end
		return cases.open { flow = "daily_fine", set = set }
	end
	local id = round()
	local r = get("daily_round", id)
	eq(r.days, 17) -- 20 日前送达，3 日前复查：次日至复查之日 17 日
	eq(r.total, "1360000") -- 80,000 × 17
	eq(r.total_words, "壹佰叁拾陆万元整")
	eq(go("daily_fine", id, "notice"), "notice")
	cases.act { flow = "daily_fine", id = id, act = "document", document = "daily_notice" }
	cases.act { flow = "daily_fine", id = id, act = "save", data = { notice_served_at = today(), new_order_text = "立即停止" } }
	fails(function() go("daily_fine", id, "deciding") end, "未满")
	eq(go("daily_fine", id, "deciding", { waived = true }), "deciding")
	fails(function() go("daily_fine", id, "service") end, "按日连续处罚决定书")
	cases.act { flow = "daily_fine", id = id, act = "document", document = "daily_decision" }
	cases.act { flow = "daily_fine", id = id, act = "document", document = "daily_order" }
	go("daily_fine", id, "service")
	eq(go("daily_fine", id, "served", { served_at = ago(1), received_by = "王某" }), "served")
	local second = all_of("daily_round", { { field = "before", op = "=", value = id } })[1]
	eq(second.round, 2)
	eq(second.order_served_at, ago(1))
	cases.act { flow = "daily_fine", id = second.id, act = "save", data = { rechecked_on = today(), found = "compliant", found_text = "已改正" } }
	fails(function() go("daily_fine", second.id, "notice") end, "已改正，不启动")
	eq(go("daily_fine", second.id, "corrected"), "corrected")
	-- 晚于三十日、不适用、没有核对、没有原罚款 too late, not applicable, unsure, no fine
	fails(function() go("daily_fine", round { order_served_at = ago(40), rechecked_on = ago(5) }, "notice") end, "30 日")
	eq(go("daily_fine", round { order_served_at = ago(30), rechecked_on = today() }, "notice"), "notice") -- 第三十日 on the thirtieth day
	local kept = c
	c = case { conduct = "P02" }
	fails(function() go("daily_fine", round(), "notice") end, "不在可按日连续处罚之列")
	c = case { conduct = "N01" }
	fails(function() go("daily_fine", round(), "notice") end, "写明判断")
	eq(go("daily_fine", round { unsure_reason = "条例另有规定" }, "notice"), "notice")
	c = kept
	things.put { type = "penalty_case", id = c, set = { decision_date = null } }
	fails(function() go("daily_fine", round(), "notice") end, "尚未作出")
end)

test("法典施行前后依据不同 the basis follows the day of the act", function()
	eq(daily_rule({ conduct = "W01", act_end = "2026-08-14" }).standard, "环境保护法")
	eq(daily_rule({ conduct = "W01", act_end = "2026-08-15" }).standard, "生态环境法典")
end)

test("六种对象的反馈期限：按工作日 working days for each partner", function()
	-- 2026-11-30 是周一 a Monday
	eq(transfer_due("police", "2026-11-30"), "2026-12-03")
	eq(transfer_due("court", "2026-11-30"), "2026-12-07")
	eq(transfer_due("industry", "2026-11-30"), "2026-12-14")
	eq(transfer_due("energy", "2026-11-30"), "2026-12-14")
	eq(transfer_due("market", "2026-11-30"), "2026-12-09")
	eq(transfer_due("office", "2026-11-30"), "2026-12-09")
end)

test("移送包有摘要，改一字即拒，回执须载摘要 the packet and its receipt", function()
	local id = cases.open { flow = "transfer", set = { case = case(), partner = "market", to_office = "市市场监管局", reason = "信用公示", clause = "某条" } }
	go("transfer", id, "approval")
	go("transfer", id, "approved")
	local r = get("case_transfer", id)
	eq(sm3(r.packet), r.digest)
	ok(r.packet:find("evidence|1|", 1, true))
	ok(not r.packet:find("被排除的", 1, true))
	fails(function() things.put { type = "case_transfer", id = id, set = { packet = r.packet:gsub("某厂", "另厂") } } end, "被改动过")
	fails(function() go("transfer", id, "sent") end, "案件移送书")
	cases.act { flow = "transfer", id = id, act = "document", document = "packet" }
	go("transfer", id, "sent")
	local sent = get("case_transfer", id)
	ok(sent.package:find("SHANSHUI-EXCHANGE-1 ", 1, true) == 1 and sent.package:find('"receiver":"市市场监管局"', 1, true) and sent.package:sub(-#r.packet) == r.packet)
	eq(sent.sequence, 1)
	fails(function() go("transfer", id, "waiting", { receipt_no = "S1", receipt_by = "刘", received_on = today(), receipt_digest = sm3("别的") }) end, "不符")
	eq(go("transfer", id, "waiting", { receipt_no = "S1", receipt_by = "刘", received_on = today(), receipt_digest = r.digest }), "waiting")
	eq(#cases.get("transfer", id).clocks, 1)
	eq(go("transfer", id, "answered", { answer = "accepted", answer_text = "已公示", answered_on = today() }), "answered")
end)
