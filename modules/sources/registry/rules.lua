-- 限值成为规则 how the limits of a permit become dated machine rules (docs/alarms.md: the act limit.set)

local AVERAGING = { instant = "rtd", hour = "hour", day = "day" }
local BY_HAND = {
	annual_mass = { "年排放量由核算检查，不逐时判", "yearly masses are checked by the account" },
	month_mass = { "月排放量由核算检查，不逐时判", "monthly masses are checked by the account" },
	special_period_mass = { "特殊时段排放量由核算检查", "special periods are checked by the account" },
	removal_rate = { "去除率须进出口同测", "a removal rate needs both sides measured" },
	height = { "高度由现场核实", "heights are checked on site" },
	colour = { "色度、臭气由实验室检测", "colour and odour come from the laboratory" },
	rate = { "排放速率由手工监测检查", "rates are checked by hand" },
}

-- 日期 the day n days after a day "2026-03-01"
function day_add(day, n)
	local y, m, d = day:match("^(%d+)-(%d+)-(%d+)")
	y, m, d = tonumber(y), tonumber(m), tonumber(d) + n
	local function days(yy, mm)
		local long = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }
		if mm == 2 and (yy % 4 == 0 and yy % 100 ~= 0 or yy % 400 == 0) then
			return 29
		end
		return long[mm]
	end
	while d < 1 do
		m = m - 1
		if m == 0 then
			y, m = y - 1, 12
		end
		d = d + days(y, m)
	end
	while d > days(y, m) do
		d = d - days(y, m)
		m = m + 1
		if m == 13 then
			y, m = y + 1, 1
		end
	end
	return string.format("%04d-%02d-%02d", y, m, d)
end

function bindings_of(outlet, factor)
	return all_of("binding", { { field = "outlet", op = "=", value = outlet }, { field = "factor", op = "=", value = factor } })
end

local function live_binding(outlet, factor, day)
	for _, b in ipairs(bindings_of(outlet, factor)) do
		if not b.standby and b.valid_from <= day and day <= (b.valid_to or "9999") then
			return b
		end
	end
	return nil
end

-- 照印的数 the number as printed; nil when it is none ("—", "≤50/60")
local function printed(text)
	if text and text:match("^%d+%.?%d*$") then
		return tonumber(text)
	end
	return nil
end

local function unit_fits(unit, factor)
	if not unit or unit == "" or unit == "无量纲" or unit == factor.unit then
		return true
	end
	local a, b = codes("units", unit), codes("units", factor.unit or "")
	return a ~= nil and b ~= nil and a.base == b.base
end

-- 一条限值的去处：机器规则、手工规则，或不成规则及其理由
-- where one limit goes: a machine rule, a rule by hand, or none, with the reason
function classify(limit, day)
	local factor = codes("factors", limit.factor)
	local low, high
	if not factor then
		return { kind = "refused", reason = "因子 " .. limit.factor .. " 不在编码表 codes/factors 里" }
	end
	local value, value2 = printed(limit.value), printed(limit.value2)
	if not value then
		return { kind = "refused", reason = "限值写作“" .. limit.value .. "”，不是一个数" }
	end
	if value <= 0 then
		return { kind = "refused", reason = "限值为 " .. limit.value .. "，零与负数不能作限值" }
	end
	if limit.compare == "range" then
		if not value2 or value2 <= value then
			return { kind = "refused", reason = "范围的上限须是大于下限 " .. limit.value .. " 的数" }
		end
		low, high = value, value2
	elseif limit.compare == ">=" then
		low = value
	else
		high = value
	end
	local hand = BY_HAND[limit.kind]
	if not hand and not unit_fits(limit.unit, factor) then
		return { kind = "refused", reason = "单位 " .. limit.unit .. " 换算不到 " .. factor.name .. " 的单位 " .. (factor.unit or "") }
	end
	if hand then
		return { kind = "manual", reason = hand[1], low = low, high = high }
	end
	if not AVERAGING[limit.statistic] then
		return { kind = "manual", reason = "按月、年的统计由核算检查", low = low, high = high }
	end
	if limit.condition and limit.condition ~= "" then
		return { kind = "manual", reason = "有条件“" .. limit.condition .. "”，由人判断", low = low, high = high }
	end
	if not limit.outlet then
		return { kind = "manual", reason = "全厂或无组织，没有对应的排放口数据", low = low, high = high }
	end
	local b = live_binding(limit.outlet, limit.factor, day)
	if not b then
		return { kind = "manual", reason = "生效日该排放口没有此因子的自动监测设备", low = low, high = high }
	end
	if not device(b.mn) then
		return { kind = "manual", reason = "设备 " .. b.mn .. " 没有接入本平台", low = low, high = high }
	end
	return { kind = "auto", mn = b.mn, point = b.point, averaging = AVERAGING[limit.statistic], converted = limit.basis == "converted",
		low = low, high = high }
end

-- 编译一个版本的全部限值 all limits of a version: one rule each
function compile(version)
	local permit = get("permit", version.permit)
	local count = { auto = 0, manual = 0, refused = 0 }
	local known = {}
	for _, r in ipairs(all_of("permit_rule", { { field = "version", op = "=", value = version.id } })) do
		known[r.limit] = r.id
	end
	for _, limit in ipairs(all_of("permit_limit", { { field = "version", op = "=", value = version.id } })) do
		local c = classify(limit, version.effective_from)
		local from = version.effective_from
		count[c.kind] = count[c.kind] + 1
		things.put { type = "permit_rule", id = known[limit.id], set = {
			key = sm3(permit.number .. "|" .. (limit.outlet or "") .. "|" .. limit.factor .. "|" .. limit.kind .. "|" .. limit.statistic .. "|" .. (limit.condition or "")),
			permit = permit.id, version = version.id, limit = limit.id, outlet = limit.outlet or null, factor = limit.factor, kind = c.kind,
			reason = c.reason or null, mn = c.mn or null, point = c.point or null, averaging = c.averaging or null, converted = c.converted or false,
			low = c.low or null, high = c.high or null, unit = limit.unit ~= "无量纲" and limit.unit or null, valid_from = from, valid_to = permit.expiry,
			standard = limit.standard or null, clause = limit.clause or null, in_force = false } }
		known[limit.id] = nil
	end
	for _, gone in pairs(known) do
		things.put { type = "permit_rule", id = gone, set = { kind = "refused", reason = "限值已从本版本删去" } }
	end
	return count
end

local function place_of(r)
	return r.mn .. "|" .. (r.point or "") .. "|" .. r.factor .. "|" .. r.averaging .. (r.converted and "|c" or "")
end

local function give(r, number, from, to)
	limit_set { site = device(r.mn).site, point = r.point or "", factor = r.factor, averaging = r.averaging, from = from, to = to, low = r.low, high = r.high,
		unit = r.unit, converted = r.converted or false, standard = r.standard, clause = r.clause, permit = number }
end

-- 签发：新规则自生效日 0 时下达，旧规则同时终止
-- Signing: the new rules hold from 00:00 of their day, the old ones end in that instant.
function make_rules(version)
	local permit = get("permit", version.permit)
	local day, number = version.effective_from, permit.number
	local fresh, ended = {}, 0
	local rules = all_of("permit_rule", { { field = "version", op = "=", value = version.id } })
	for _, r in ipairs(rules) do
		if r.kind == "auto" then
			fresh[place_of(r)] = r
		end
	end
	local old = all_of("permit_rule", { { field = "permit", op = "=", value = permit.id }, { field = "in_force", op = "=", value = true } })
	for _, r in ipairs(old) do
		if r.version ~= version.id and (r.valid_to or "9999") >= day then
			if r.kind == "auto" and r.valid_from >= day and fresh[place_of(r)] then
				give(fresh[place_of(r)], number, r.valid_from, permit.expiry) -- 更正：以新值取代 a correction takes its place
			elseif r.kind == "auto" and r.valid_from < day and not fresh[place_of(r)] then
				give(r, number, r.valid_from, day_add(day, -1))
			end
			things.put { type = "permit_rule", id = r.id, set = { valid_to = day_add(day, -1), in_force = r.valid_from < day } }
			ended = ended + 1
		end
	end
	for _, r in ipairs(rules) do
		if r.kind == "auto" then
			give(r, number, day, permit.expiry)
		end
		if r.kind ~= "refused" then
			things.put { type = "permit_rule", id = r.id, set = { in_force = true, valid_from = day, valid_to = permit.expiry } }
		end
	end
	things.put { type = "permit", id = permit.id, set = { current = version.id, state = "issued" } }
	return ended
end

-- 每日：到期提醒与过期 daily: renewals due, permits expired
every "permits" { "daily 06:00", function()
	local day = today()
	for _, p in ipairs(all_of("permit", { { field = "state", op = "=", value = "issued" }, { field = "expiry", op = "<=", value = day_add(day, 180) } })) do
		if p.expiry < day then
			things.put { type = "permit", id = p.id, set = { state = "expired" } }
		elseif #all_of("duty", { { field = "discharger", op = "=", value = p.discharger }, { field = "kind", op = "=", value = "renewal" }, { field = "due", op = "=", value = day_add(p.expiry, -60) } }) == 0 then
			things.put { type = "duty", set = { discharger = p.discharger, kind = "renewal", what = "许可证 " .. p.number .. " 延续", due = day_add(p.expiry, -60), basis = "排污许可管理条例 14" } }
		end
	end
end }
