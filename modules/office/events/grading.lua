-- 分级：得分、理由、底线（events §5）。Grading: points, reasons, floors.

local SENSITIVE = { intake_near = { 25, "下游 10 公里内有取水口" }, source_zone = { 25, "在饮用水源保护区内" }, intake_day = { 20, "24 小时内到取水口" },
	school_hospital = { 15, "500 米内有学校或医院" }, red_line = { 12, "在生态红线内" } }
local TOXIC = { w20111 = "总汞", w20115 = "总镉", w20117 = "六价铬", w20119 = "总砷", w20120 = "总铅" }

local function log2(x)
	return math.log(x) / math.log(2)
end

-- 按性质定的一类记录，某日有效的最新一版；没有就按 other the newest version in force on a day, else that of "other"
function in_force(type, nature, day)
	for _, name in ipairs { nature, "other" } do
		local best
		for _, r in ipairs(all_of(type, { { field = "nature", op = "=", value = name }, { field = "valid_from", op = "<=", value = day } })) do
			if (not r.valid_to or r.valid_to >= day) and (not best or r.version > best.version) then
				best = r
			end
		end
		if best then
			return best
		end
	end
	return nil
end

function nature_rule(nature, day)
	return in_force("nature_rule", nature, day) or error("没有事件规则：先装入 data/nature_rule.csv（no event rule: load the seed）")
end

-- 因子的名称；没有收录的写代码 the name of a factor, else its code
local function factor_zh(code)
	local row = code and codes("factors", code)
	return row and row.name or code or ""
end

local function hazard(e, rule, signals)
	if e.nature ~= "exceed" then
		return rule.hazard, NATURE_ZH[e.nature]
	end
	local most, fact = 1, "没有超标倍数"
	for _, s in ipairs(signals) do
		if s.value and s.limit and s.limit > 0 and s.value / s.limit > most then
			most, fact = s.value / s.limit, string.format("%s %.4g，限值 %.4g，%.2f 倍", factor_zh(s.factor), s.value, s.limit, s.value / s.limit)
		end
	end
	return rule.hazard + math.min(12, 4 * log2(most)), fact
end

local function extent(signals)
	local people = 0
	for _, s in ipairs(signals) do
		if s.source_kind == "complaint" then
			people = people + (s.people or 1)
		end
	end
	if people >= 10 then
		return 15, people
	elseif people >= 3 then
		return 6, people
	elseif people >= 1 then
		return 2, people
	end
	return 0, 0
end

local function credibility(signals)
	local kinds, n, least = {}, 0, 1
	for _, s in ipairs(signals) do
		if not kinds[s.source_kind] then
			kinds[s.source_kind], n = true, n + 1
		end
		least = math.min(least, s.confidence or 1)
	end
	if n >= 2 then
		return 10, string.format("%d 类来源互相印证", n)
	elseif kinds.model and least < 0.6 then
		return -10, "单一模型，不确定"
	end
	return 0, "单一来源"
end

local function persistence(e, past)
	local hours = math.max(0, time_diff(e.last_seen, e.first_seen) / 3600)
	return math.min(10, math.floor(hours / 2) + 3 * past), string.format("持续 %.1f 小时，30 天内同类 %d 起", hours, past)
end

local function floor_of(e, rule, signals)
	local floor, why = rule.floor or 4, rule.floor and NATURE_ZH[e.nature]
	if e.sensitive == "source_zone" then
		floor, why = 1, "饮用水源保护区"
	elseif e.casualties then
		floor, why = 1, "有人员伤亡"
	elseif e.nature == "fraud" and e.key_unit and floor > 2 then
		floor, why = 2, "重点单位涉嫌造假"
	end
	for _, s in ipairs(signals) do
		if s.factor and TOXIC[s.factor] and s.value and s.limit and s.value > s.limit and floor > 2 then
			floor, why = 2, TOXIC[s.factor] .. "超标"
		end
	end
	return floor, why
end

-- e: 事件字段；signals: 其线索；past: 30 天内同对象同性质的事件数。答：级别、得分、理由
function grade_of(e, rule, signals, past)
	local reasons, sum = {}, 0
	local function add(item, points, fact)
		if points ~= 0 then
			reasons[#reasons + 1] = { item = item, points = math.floor(points * 10 + 0.5) / 10, fact = fact }
			sum = sum + points
		end
	end
	local p, fact = hazard(e, rule, signals)
	add("危害", math.min(30, p), fact)
	local sensitive = SENSITIVE[e.sensitive or "none"]
	if sensitive then
		add("敏感", sensitive[1], sensitive[2])
	end
	local n
	p, n = extent(signals)
	add("范围", p, string.format("%d 人反映", n))
	p, fact = persistence(e, past)
	add("持续", p, fact)
	p, fact = credibility(signals)
	add("可信", p, fact)
	add("对象", math.min(10, (e.key_unit and 5 or 0) + (past > 0 and 5 or 0)), e.key_unit and "重点单位" or "曾有同类事件")
	add("关注", e.attention or 0, "舆情")
	local grade = sum >= 70 and 1 or sum >= 45 and 2 or sum >= 20 and 3 or 4
	local floor, why = floor_of(e, rule, signals)
	if floor < grade then
		grade = floor
		reasons[#reasons + 1] = { item = "底线", points = 0, fact = why .. "，不低于 " .. floor .. " 级" }
	end
	return tostring(grade), math.floor(sum * 10 + 0.5) / 10, reasons
end
