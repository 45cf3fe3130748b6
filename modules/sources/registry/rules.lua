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

local function place_of(r)
	return r.mn .. "|" .. (r.point or "") .. "|" .. r.factor .. "|" .. r.averaging .. (r.converted and "|c" or "")
end

-- 换成因子单位的数 a number in the base unit of its quantity
local function based(value, unit)
	local u = value and unit and codes("units", unit)
	return value and value * (u and tonumber(u.factor) or 1)
end
-- a 处处不松于 b whether a is nowhere looser than b
local function no_looser(a, b)
	local function bound(c, name, none)
		return based(c[name], c.unit) or none
	end
	return bound(a, "high", math.huge) <= bound(b, "high", math.huge) and bound(a, "low", -math.huge) >= bound(b, "low", -math.huge)
end

-- 同一处同一统计有几条（国家、地方、环评、承诺）：取最严的一条，其余留着、写明以何为准；互有松紧的不成规则
-- Several limits of one place and statistic: the strictest becomes the rule, the others are kept and say so.
function strictest(rows)
	local best = {}
	for _, row in ipairs(rows) do
		local c = row.c
		if c.kind == "auto" then
			c.factor, c.unit = row.limit.factor, row.limit.unit
			local at = place_of(c)
			local old = best[at]
			local winner, loser = row, old
			if old and no_looser(old.c, c) then
				winner, loser = old, row
			elseif old and not no_looser(c, old.c) then
				c.kind, c.reason = "refused", "与同一处的另一条限值（" .. (old.limit.standard or "") .. " " .. old.limit.value .. "）互有松紧，不能同时成为规则"
				winner, loser = old, nil
			end
			if loser then
				loser.c.kind = "manual"
				loser.c.reason = "同一处另有更严的限值 " .. winner.limit.value .. " " .. (winner.limit.unit or "") .. "（" .. (winner.limit.standard or "") .. " " .. (winner.limit.clause or "") .. "），以严者为准"
			end
			best[at] = winner
		end
	end
	return rows
end

-- 编译一个版本的全部限值 all limits of a version: one rule each
function compile(version)
	local permit = get("permit", version.permit)
	local count = { auto = 0, manual = 0, refused = 0 }
	local known, rows = {}, {}
	for _, r in ipairs(all_of("permit_rule", { { field = "version", op = "=", value = version.id } })) do
		known[r.limit] = r.id
	end
	for _, limit in ipairs(all_of("permit_limit", { { field = "version", op = "=", value = version.id } })) do
		rows[#rows + 1] = { limit = limit, c = classify(limit, version.effective_from) }
	end
	for _, row in ipairs(strictest(rows)) do
		local limit, c = row.limit, row.c
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

local function give(r, number, from, to)
	limit_set { site = device(r.mn).site, point = r.point or "", factor = r.factor, averaging = r.averaging, from = from, to = to, low = r.low, high = r.high,
		unit = r.unit, converted = r.converted or false, standard = r.standard, clause = r.clause, permit = number }
end

-- 注销、吊销的版本不带限值，旧规则到生效日前一天为止 versions that end a permit bring no limits
ENDS = { cancel = "cancelled", revoke = "revoked" }

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
	things.put { type = "permit", id = permit.id, set = { current = version.id, state = ENDS[version.kind] or "issued", ended_on = ENDS[version.kind] and day or null } }
	return ended
end

-- 无有效许可证而仍在排放：证过期、注销、吊销之后流量连续两小时大于零；别的证有效的不算
-- Discharging without a permit: flow above zero for two hours in a row behind the end of the permit.
local FLOWS = { water = "w00000", air = "a00000" }
function two_in_a_row(rows)
	local last
	for _, p in ipairs(rows) do
		local flowing = p.n_valid > 0 and p.mean > 0
		if flowing and last then
			return last
		end
		last = flowing and p.at or nil
	end
	return nil
end
local function discharging(discharger, from)
	for _, o in ipairs(all_of("outlet", { { field = "discharger", op = "=", value = discharger } })) do
		local seen = {}
		for _, b in ipairs(FLOWS[o.medium] and all_of("binding", { { field = "outlet", op = "=", value = o.id } }) or {}) do
			local d = not b.standby and not seen[b.mn] and device(b.mn)
			seen[b.mn] = true
			local at = d and two_in_a_row(hours_of { site = d.site, point = b.point or "", factor = FLOWS[o.medium], from = from, to = now() })
			if at then
				return at, o
			end
		end
	end
	return nil
end
every "unlicensed" { "PT1H", function()
	local from = time_add(now(), "-PT6H")
	for _, p in ipairs(all_of("permit", { { field = "state", op = "in", value = { "expired", "cancelled", "revoked" } } })) do
		local valid = things.count { type = "permit", filter = { { field = "discharger", op = "=", value = p.discharger }, { field = "state", op = "=", value = "issued" } } }
		local ended = p.state == "expired" and time_add(p.expiry .. "T00:00:00+08:00", "P1D") or p.ended_on and p.ended_on .. "T00:00:00+08:00"
		if valid == 0 and ended and not p.unlicensed_since then
			local at, o = discharging(p.discharger, time_diff(from, ended) > 0 and from or ended)
			if at then
				local d = get("discharger", p.discharger)
				things.put { type = "permit", id = p.id, set = { unlicensed_since = at } }
				notify { to = { role = "enforce_officer", area = d.admin_area }, level = "urge", link = "/r/discharger/" .. d.id .. "?tab=file",
					title = { zh = "无有效许可证仍在排放：" .. d.name .. " " .. o.code, en = "Discharging without a valid permit: " .. d.name },
					body = { zh = "许可证 " .. p.number .. " 已失效，流量自 " .. at .. " 起连续两小时大于零", en = "flow above zero for two hours since " .. at } }
			end
		end
	end
end }

-- 联系人核实满 180 天：义务；核实了即完成 a contact confirmed more than 180 days ago is a duty until it is confirmed
local function open_duties(discharger, kind)
	local out = {}
	for _, d in ipairs(all_of("duty", { { field = "discharger", op = "=", value = discharger }, kind and { field = "kind", op = "=", value = kind } or nil })) do
		out[#out + 1] = not d.done and d or nil
	end
	return out
end
every "contacts" { "daily 06:10", function()
	local day = today()
	for _, d in ipairs(all_of("discharger", { { field = "status", op = "in", value = { "trial", "running", "seasonal_stop", "stopped" } } })) do
		if d.contact_confirmed and d.contact_confirmed < day_add(day, -180) and #open_duties(d.id, "contact") == 0 then
			things.put { type = "duty", set = { discharger = d.id, kind = "contact", what = "联系人核实：上次 " .. d.contact_confirmed, due = (workdays(day, 10)), basis = "联系人 180 天核实一次" } }
		end
	end
end }

-- 关闭、搬迁：义务终止，记录都在；联系人核实了：义务完成 a closing ends the duties
on("thing.saved:discharger", function(e)
	local d, was = get("discharger", e.id), e.before or {}
	if e.op == "create" then
		return
	end
	if (d.status == "closed" or d.status == "removed") and was.status ~= d.status then
		for _, duty in ipairs(open_duties(d.id)) do
			things.retire { type = "duty", id = duty.id, reason = "单位已关闭或搬迁：" .. (d.status_evidence or "") }
		end
	elseif d.contact_confirmed and was.contact_confirmed ~= d.contact_confirmed then
		for _, duty in ipairs(open_duties(d.id, "contact")) do
			things.put { type = "duty", id = duty.id, set = { done = d.contact_confirmed } }
		end
	end
end)

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
