-- 归并：同一件事只成一个事件（events §4）。One thing, one event.

-- 中文二字组：两段话共有的占较短者的份额 share of two-character pieces in common
local function pieces(text)
	local chars, set, n = {}, {}, 0
	for _, c in utf8.codes(text or "") do
		chars[#chars + 1] = utf8.char(c)
	end
	for i = 1, #chars - 1 do
		local p = chars[i] .. chars[i + 1]
		if not set[p] then
			set[p], n = true, n + 1
		end
	end
	return set, n
end
function text_alike(a, b)
	local x, n = pieces(a)
	local y, m = pieces(b)
	if n == 0 or m == 0 then
		return nil
	end
	local common = 0
	for p in pairs(x) do
		common = common + (y[p] and 1 or 0)
	end
	return common / math.min(n, m)
end

-- 站点与排口：NJ-WW-03/DW001 属于 NJ-WW-03
local function site_of(object)
	return object and (object:match("^([^/]+)/") or object)
end

function natures_fit(a, b, rule)
	if a == b then
		return 1
	end
	return has_word(rule.alike, b) and 0.7 or nil
end

-- 位置：同对象 1；同站点且规则允许 0.9；距离之内按距离 1 到 0.4；否则不归并
function place_fit(s, e, rule)
	if s.object and s.object == e.object then
		return 1, "同一对象", "object"
	end
	if rule.topology and s.object and e.object and site_of(s.object) == site_of(e.object) then
		return 0.9, "同一单位的排口", "site"
	end
	if not s.place or not e.place then
		return nil
	end
	local p, q = s.place.coordinates, e.place.coordinates
	local d = distance_m(p[1], p[2], q[1], q[2])
	if d > rule.radius_m then
		return nil
	end
	return 1 - 0.6 * d / math.max(1, rule.radius_m), string.format("相距 %.0f 米", d), "near"
end

function time_fit(s, e, rule)
	local window = rule.window_h * 3600
	local before, after = time_diff(e.first_seen, s.seen_at), time_diff(s.seen_at, e.last_seen)
	local gap = math.max(0, before, after)
	if gap > window then
		return nil
	end
	return 1 - 0.5 * gap / math.max(1, window)
end

-- 一条线索与一个事件有多像：分、理由、依据；不可能是同一件事时 nil
-- 依次看：就在那里，沿河，沿风；取分最高的 there itself, along the river, along the wind: the best of them
function alike(s, e, rule, around)
	local best, why, how
	local function try(nature, place, time, words, ground)
		if not nature or not place or not time then
			return
		end
		local text = text_alike(s.text, e.words) or place
		local score = 0.4 * place + 0.25 * time + 0.2 * nature + 0.15 * text
		if not best or score > best then
			best, why, how = score, string.format("%s，时间 %.2f，性质 %.1f，文字 %.2f", words, time, nature, text), ground
		end
	end
	local place, words, ground = place_fit(s, e, rule)
	try(natures_fit(s.nature, e.nature, rule), place, time_fit(s, e, rule), words, ground)
	local along, medium = along_fit(s, e, rule)
	if medium == "water" and (rule.river_km or 0) > 0 then
		local there, time, reason = river_fit(s, e, rule, around.net())
		try(along, there, time, reason, "river")
	elseif medium == "air" and (rule.wind_m or 0) > 0 then
		local there, reason = wind_fit(s, e, rule, around.wind(s))
		try(along, there, time_fit(s, e, rule), reason, "wind")
	end
	return best, why, how
end

-- 从一组事件里挑：分最高；同分取先发生的 the best of some events; a tie goes to the elder
function best_of(s, events, rule, around)
	local best, most, why, how
	for _, e in ipairs(events) do
		local score, reason, ground = alike(s, e, rule, around)
		if score and (not best or score > most + 1e-9 or (math.abs(score - most) <= 1e-9 and e.first_seen < best.first_seen)) then
			best, most, why, how = e, score, reason, ground
		end
	end
	return best, most, why, how
end

-- 按发生时间、编号排好的线索分组：同样的线索任何次序都得到同样的组
-- signals in order of time and number put into groups: any order of arrival gives the same
function cluster(signals, rule_for)
	table.sort(signals, function(a, b)
		if a.seen_at ~= b.seen_at then
			return time_diff(a.seen_at, b.seen_at) < 0
		end
		return a.source_ref < b.source_ref
	end)
	local groups, around = {}, surroundings()
	for _, s in ipairs(signals) do
		local rule = rule_for(s.nature)
		local g, score, why, how
		if rule.auto_merge then
			g, score, why, how = best_of(s, groups, rule, around)
		end
		if not g or score < ATTACH then
			g = { nature = s.nature, object = s.object, place = s.place, first_seen = s.seen_at, words = s.text, signals = {} }
			groups[#groups + 1] = g
			score, why, how = 1, "新事件", "new"
		end
		g.last_seen = s.seen_at
		g.factors = g.factors or s.factor
		g.object, g.place, g.words = g.object or s.object, g.place or s.place, g.words or s.text
		g.signals[#g.signals + 1] = { id = s.id, score = score, why = why, how = how, signal = s }
	end
	return groups
end
ATTACH, PROPOSE = 0.75, 0.5
