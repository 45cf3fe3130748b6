-- 沿水流与沿风：相隔很远而其实是一件事的，由河网与风连起来（events §4）。Far apart and yet one thing: joined by the river or by the wind.

local SECTOR_DEG, CALM_MS = 30, 0.5 -- 上风扇面的半角；低于此为静风 half of the sector upwind; below it the air is still

-- 属于水还是气：由性质，或由因子代码的首字母（HJ 212：w 水，a 气）water or air, by nature or by the first letter of the codes
local MEDIUM = { water_colour = "water", odour = "air", smoke_dust = "air", burning = "air" }
local function medium_of(x)
	local first = MEDIUM[x.nature] and "" or (x.factor or x.factors or ""):sub(1, 1)
	return MEDIUM[x.nature] or (first == "w" and "water") or (first == "a" and "air") or nil
end

-- 同一介质，性质相同或规则说沿途相容 of one medium, of one nature or of those that the rule lets join on the way
function along_fit(s, e, rule)
	local medium = medium_of(s)
	if not medium or medium ~= medium_of(e) or not s.place or not e.place then
		return nil
	end
	if s.nature == e.nature then
		return 1, medium
	end
	if has_word(rule.along, e.nature) then
		return 0.9, medium
	end
	return nil
end

-- 一处所在的河段：离中线够近的 the reaches whose bank a place is on
local function spots_of(place, reaches)
	local out, p = {}, place.coordinates
	for _, r in ipairs(reaches) do
		local away, along, length, left = along_line(r.line, p[1], p[2])
		if away <= r.bank_m then
			out[#out + 1] = { reach = r, along = along, length = length, left = left }
		end
	end
	return out
end

-- 从一处顺流到另一处：公里、最快与最慢的秒数；到不了为 nil。江面宽的两岸不相通。
-- Down the water from one spot to another: metres, seconds at the fastest and the slowest; banks of a wide reach stay apart.
local function down(from, to, by_code)
	local at, m, fast, slow = from, 0, 0, 0
	for _ = 1, 12 do
		local r = at.reach
		local there = r.code == to.reach.code and to.along >= at.along
		local part = there and to.along - at.along or at.length - at.along
		m, fast, slow = m + part, fast + part / r.speed_high, slow + part / r.speed_low
		if there then
			return (not r.wide or at.left == to.left) and m or nil, fast, slow
		end
		local next = by_code[r.into or ""]
		if not next then
			return nil
		end
		local mouth = r.line.coordinates[#r.line.coordinates]
		local _, along, length, left = along_line(next.line, mouth[1], mouth[2])
		at = { reach = next, along = along, length = length, left = left }
	end
	return nil
end

-- 时间对不对：下游该在上游之后、水流到的时候看见 does the water come when it was seen below
local function flow_time(up, below, fast, slow, slack)
	local least, most = time_diff(below.first, up.last), time_diff(below.last, up.first)
	if most < fast - slack or least > slow + slack then
		return nil
	end
	return (most >= fast and least <= slow) and 1 or 0.7
end

local function seen(x)
	return { first = x.seen_at or x.first_seen, last = x.seen_at or x.last_seen }
end

-- 沿河：位置分、时间分、理由 along the river: how well place and time fit, and why
function river_fit(s, e, rule, net)
	if (rule.river_km or 0) <= 0 then
		return nil
	end
	local a, b, best, time, why = spots_of(s.place, net.reaches), spots_of(e.place, net.reaches), nil, nil, nil
	local function try(up, below, who, x, y)
		local m, fast, slow = down(up, below, net.by_code)
		local t = m and m <= rule.river_km * 1000 and flow_time(seen(x), seen(y), fast, slow, (rule.slack_h or 2) * 3600)
		local place = t and 0.9 - 0.2 * m / (rule.river_km * 1000)
		if place and (not best or place > best) then
			best, time = place, t
			why = string.format("沿%s，线索在%s %.1f 公里，水流 %.1f 至 %.1f 小时可到", up.reach.name, who, m / 1000, fast / 3600, slow / 3600)
		end
	end
	for _, p in ipairs(a) do
		for _, q in ipairs(b) do
			try(p, q, "上游", s, e)
			try(q, p, "下游", e, s)
		end
	end
	return best, time, why
end

-- 方位角差 the angle between two bearings
local function apart(a, b)
	local d = math.abs(a - b) % 360
	return d > 180 and 360 - d or d
end

-- 沿风：一处在另一处的上风扇面里 along the wind: one lies in the sector upwind of the other
function wind_fit(s, e, rule, wind)
	if (rule.wind_m or 0) <= 0 or not wind or wind.speed < CALM_MS then
		return nil
	end
	local p, q = s.place.coordinates, e.place.coordinates
	local m = distance_m(p[1], p[2], q[1], q[2])
	local up = apart(bearing(q[1], q[2], p[1], p[2]), wind.from) <= SECTOR_DEG
	local below = apart(bearing(p[1], p[2], q[1], q[2]), wind.from) <= SECTOR_DEG
	if m > rule.wind_m or not (up or below) then
		return nil
	end
	return 0.9 - 0.2 * m / rule.wind_m, string.format("沿风，线索在%s %.1f 公里，风自 %.0f°，%.1f m/s（%s %s）", up and "上风" or "下风", m / 1000, wind.from, wind.speed,
		wind.station, wind.at:sub(6, 16):gsub("T", " "))
end

-- 那时那里的风：最近的有风向风速的空气站，不早于三小时前的小时均值 the wind there and then, of the nearest station that tells it
local function hour_of(site, factor, t)
	local best
	for _, row in ipairs(series { site = site, factor = factor, stat = "Avg", period = "hour", by = "hour", from = time_add(t, "-PT3H"), to = time_add(t, "PT1H") }) do
		if row.n_valid > 0 then
			best = row
		end
	end
	return best
end
function wind_at(place, t)
	local p = place.coordinates
	for i, s in ipairs(sites_near(p[1], p[2], 30000, "air")) do
		local from = i <= 5 and hour_of(s.site, "a01008", t)
		local speed = from and hour_of(s.site, "a01007", t)
		if speed then
			return { from = from.mean, speed = speed.mean, station = s.name, at = from.at }
		end
	end
	return nil
end

-- 一次归并里只查一遍河网、每条线索只查一遍风 the network is read once, the wind once for a signal
function surroundings()
	local net, winds = nil, {}
	return {
		net = function()
			if not net then
				net = { reaches = all_of("river_reach"), by_code = {} }
				for _, r in ipairs(net.reaches) do
					net.by_code[r.code] = r
				end
			end
			return net
		end,
		wind = function(s)
			local key = s.id or s.source_ref
			if winds[key] == nil then
				winds[key] = wind_at(s.place, s.seen_at) or false
			end
			return winds[key] or nil
		end,
	}
end
