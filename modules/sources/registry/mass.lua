-- 年排放量：逐小时 流量 × 浓度，与许可量相比 the yearly mass: flow x concentration by the hour, against what is permitted

local FLOW = { water = "w00000", air = "a00000" }

-- L/s × mg/L，或 m3/s × mg/m3：一小时的吨 tonnes of an hour
function hour_mass(flow, conc)
	return flow * 3600 * conc * 1e-9
end

-- 一段时间的合计：两者都有的小时才算 hours that have both; sum and how many
function mass_of(flows, concs)
	local by, sum, n = {}, 0, 0
	for _, f in ipairs(flows) do
		by[f.at] = f.mean
	end
	for _, c in ipairs(concs) do
		local q = by[c.at]
		if q and c.mean and q >= 0 and c.mean >= 0 then
			sum, n = sum + hour_mass(q, c.mean), n + 1
		end
	end
	return sum, n
end

function light_of(share, day)
	local function percent(name)
		return tonumber(law("enforcement/parameters", name, day).value)
	end
	return share > percent("mass.red_percent") and "red" or share >= percent("mass.yellow_percent") and "yellow" or "green"
end

-- 平均值的来处：设备的小时均值，没有则由实时值汇总 the device's own hour means, else sums of what it told at once
function hours_of(ask)
	local rows = series { site = ask.site, point = ask.point, factor = ask.factor, stat = ask.converted and "ZsAvg" or "Avg", period = "hour", by = ask.by or "hour", from = ask.from, to = ask.to }
	if #rows == 0 then
		rows = series { site = ask.site, point = ask.point, factor = ask.factor, stat = ask.converted and "ZsRtd" or "Rtd", period = "rtd", by = ask.by or "hour", from = ask.from, to = ask.to }
	end
	return rows
end

-- 限值所管的排放口的设备 the devices that an annual limit is about
local function bound(limit, discharger)
	local out = {}
	for _, o in ipairs(limit.outlet and { get("outlet", limit.outlet) } or all_of("outlet", { { field = "discharger", op = "=", value = discharger } })) do
		for _, b in ipairs(bindings_of(o.id, limit.factor)) do
			local d = not b.standby and FLOW[o.medium] and device(b.mn)
			if d then
				out[#out + 1] = { site = d.site, point = b.point or "", flow = FLOW[o.medium] }
			end
		end
	end
	return out
end

local function year_day(day)
	return (tonumber(time_diff(day, day:sub(1, 4) .. "-01-01")) // 86400) + 1
end

function account(limit, permit, at)
	local day = at:sub(1, 10)
	local sum, hours = 0, 0
	for _, d in ipairs(bound(limit, permit.discharger)) do
		local span = { site = d.site, point = d.point, factor = d.flow, from = day:sub(1, 4) .. "-01-01T00:00:00+08:00", to = at }
		local flows = hours_of(span)
		span.factor = limit.factor
		local s, n = mass_of(flows, hours_of(span))
		sum, hours = sum + s, hours + n
	end
	local permitted = tonumber(limit.value)
	local share = 100 * sum / permitted
	local key = permit.number .. "/" .. (limit.outlet or "all") .. "/" .. limit.factor .. "/" .. day:sub(1, 4)
	local was = all_of("mass_account", { { field = "key", op = "=", value = key } })[1]
	local light = light_of(share, day)
	things.put { type = "mass_account", id = was and was.id, set = { key = key, discharger = permit.discharger, factor = limit.factor, year = math.tointeger(tonumber(day:sub(1, 4))), permitted = permitted, discharged = sum,
		hours = hours, share = share, light = light, projected = hours > 0 and sum / hours * 24 * 365 or null, through = at, basis = limit.id } }
	if light ~= "green" and (not was or was.light ~= light) then
		local d = get("discharger", permit.discharger)
		notify { to = { role = "enforce_officer", area = d.admin_area }, title = { zh = string.format("%s %s 年排放量已达许可量的 %.0f %%", d.name, limit.factor, share), en = string.format("%.0f %% of the permitted yearly mass", share) },
			link = "/r/discharger/" .. d.id .. "?tab=file" }
	end
end

function accounts_of(permit, at)
	for _, limit in ipairs(all_of("permit_limit", { { field = "version", op = "=", value = permit.current }, { field = "kind", op = "=", value = "annual_mass" } })) do
		local value = tonumber(limit.value)
		if value and value > 0 then
			account(limit, permit, at)
		end
	end
end
every "mass" { "PT30M", function()
	for _, permit in ipairs(all_of("permit", { { field = "state", op = "=", value = "issued" } })) do
		if permit.current then
			accounts_of(permit, now())
		end
	end
end }
