-- 变更申请与限值签发 change requests, and the signing of limits

local function firm()
	return things.put { type = "discharger", set = { name = "南京流程化工有限公司", address = "测试路 1 号", place = { type = "Point", coordinates = { 118.77, 32.06 } }, admin_area = "320106",
		industry = "C2614", manage_class = "key" } }.id
end

test("变更申请采纳后生效 an accepted request changes the file", function()
	local id = firm()
	local c = cases.open { flow = "registry_change", set = { discharger = id, field = "short_name", reason = "简称有误" } }
	fails(function() cases.act { flow = "registry_change", id = c, act = "go", to = "submitted" } end, "写明改成什么")
	cases.act { flow = "registry_change", id = c, act = "save", data = { value = "流程化工" } }
	cases.act { flow = "registry_change", id = c, act = "go", to = "submitted" }
	eq(get("discharger", id).short_name, nil)
	cases.act { flow = "registry_change", id = c, act = "go", to = "accepted" }
	eq(get("discharger", id).short_name, "流程化工")
end)

test("移动两百米以上须现场照片 a move of more than 200 m needs a visit", function()
	local id = firm()
	local function move(lon)
		local c = cases.open { flow = "registry_change", set = { discharger = id, field = "place", place = { type = "Point", coordinates = { lon, 32.06 } }, reason = "定位" } }
		cases.act { flow = "registry_change", id = c, act = "go", to = "submitted" }
		return c
	end
	local near = move(118.771) -- 约 94 米
	cases.act { flow = "registry_change", id = near, act = "go", to = "accepted" }
	eq(get("discharger", id).place.coordinates[1], 118.771)
	local far = move(118.78)
	fails(function() cases.act { flow = "registry_change", id = far, act = "go", to = "accepted" } end, "现场照片")
	fails(function() cases.act { flow = "registry_change", id = far, act = "go", to = "refused" } end, "答复")
	cases.act { flow = "registry_change", id = far, act = "save", data = { answer = "与实地不符" } }
	eq(cases.act { flow = "registry_change", id = far, act = "go", to = "refused" }.state, "refused")
	eq(get("discharger", id).place.coordinates[1], 118.771)
end)

test("限值签发：没有设备的都是手工规则 without a device every limit is by hand", function()
	local id = firm()
	local outlet = things.put { type = "outlet", set = { discharger = id, code = "DW001", label = "总排口", medium = "water", kind = "main" } }.id
	local permit = things.put { type = "permit", set = { number = "91320100MA0000001B001P", discharger = id, effective = "2026-01-01", expiry = "2030-12-31" } }.id
	local v = cases.open { flow = "permit_signing", set = { permit = permit, kind = "first", effective_from = "2026-01-01" } }
	fails(function() cases.act { flow = "permit_signing", id = v, act = "go", to = "checked" } end, "还没有限值")
	local function limit(value)
		return things.put { type = "permit_limit", set = { version = v, outlet = outlet, factor = "w01018", statistic = "hour", value = value, unit = "mg/L" } }.id
	end
	limit("50")
	local wrong = limit("—")
	cases.act { flow = "permit_signing", id = v, act = "go", to = "checked" }
	local n = get("permit_version", v)
	eq(n.rules_manual, 1)
	eq(n.rules_refused, 1)
	fails(function() cases.act { flow = "permit_signing", id = v, act = "go", to = "signed" } end, "不是一个数")
	cases.act { flow = "permit_signing", id = v, act = "go", to = "draft" }
	things.put { type = "permit_limit", id = wrong, set = { value = "80" } }
	cases.act { flow = "permit_signing", id = v, act = "go", to = "checked" }
	eq(cases.act { flow = "permit_signing", id = v, act = "go", to = "signed" }.state, "signed")
	eq(get("permit", permit).state, "issued")
	eq(get("permit", permit).current, v)
	-- 不能签发早于现行版本的变更 a change may not begin before the version in force
	local w = cases.open { flow = "permit_signing", set = { permit = permit, kind = "change", effective_from = "2025-12-01" } }
	things.put { type = "permit_limit", set = { version = w, outlet = outlet, factor = "w01018", statistic = "hour", value = "40", unit = "mg/L" } }
	cases.act { flow = "permit_signing", id = w, act = "go", to = "checked" }
	fails(function() cases.act { flow = "permit_signing", id = w, act = "go", to = "signed" } end, "生效日须晚于")
	-- 注销：不带限值，旧规则到前一天为止，许可证注销 a version that ends the permit
	local function ending(kind, from)
		return cases.open { flow = "permit_signing", set = { permit = permit, kind = kind, effective_from = from } }
	end
	local y = ending("revoke", "2026-06-01")
	local extra = things.put { type = "permit_limit", set = { version = y, outlet = outlet, factor = "w01018", statistic = "hour", value = "40", unit = "mg/L" } }.id
	fails(function() cases.act { flow = "permit_signing", id = y, act = "go", to = "checked" } end, "不带限值")
	things.retire { type = "permit_limit", id = extra, reason = "误录" }
	cases.act { flow = "permit_signing", id = y, act = "go", to = "checked" }
	cases.act { flow = "permit_signing", id = y, act = "go", to = "signed" }
	eq(get("permit", permit).state, "revoked")
	eq(get("permit", permit).ended_on, "2026-06-01")
	for _, r in ipairs(all_of("permit_rule", { { field = "version", op = "=", value = v } })) do
		eq(r.valid_to, "2026-05-31")
	end
end)
