-- 签发前的回测：这些限值若早就生效，过去会有多少时段超限 before signing: how many periods would have been over

function over(rule, mean)
	return mean ~= nil and (rule.high ~= nil and mean > rule.high or rule.low ~= nil and mean < rule.low)
end

-- 一条规则对一串时段 one rule against its rows: with data, over, first
function tried(rule, rows)
	local n, bad_n, first = 0, 0, nil
	for _, row in ipairs(rows) do
		if row.n_valid > 0 and row.mean then
			n = n + 1
			if over(rule, row.mean) then
				bad_n, first = bad_n + 1, first or row.at
			end
		end
	end
	return n, bad_n, first
end

local function rows_of(rule, from, to)
	local d = device(rule.mn)
	return d and hours_of { site = d.site, point = rule.point or "", factor = rule.factor, converted = rule.converted, by = rule.averaging == "day" and "day" or "hour", from = from, to = to } or {}
end

-- 只读不下达；与现行规则的同一时段相比 nothing is given to the alarm engine; set against the rules in force
function backtest(version)
	local to = now()
	local from = time_add(to, string.format("-P%dD", version.test_days or 90))
	local hours, sum, before = 0, 0, 0
	local current = {}
	local permit = get("permit", version.permit)
	if permit.current and permit.current ~= version.id then
		for _, r in ipairs(all_of("permit_rule", { { field = "version", op = "=", value = permit.current }, { field = "kind", op = "=", value = "auto" } })) do
			current[r.mn .. "|" .. (r.point or "") .. "|" .. r.factor .. "|" .. r.averaging] = r
		end
	end
	for _, r in ipairs(all_of("permit_rule", { { field = "version", op = "=", value = version.id }, { field = "kind", op = "=", value = "auto" } })) do
		local rows = rows_of(r, from, to)
		local n, bad_n, first = tried(r, rows)
		local was = current[r.mn .. "|" .. (r.point or "") .. "|" .. r.factor .. "|" .. r.averaging]
		if was then
			local _, old = tried(was, rows)
			before = before + old
		end
		hours, sum = hours + n, sum + bad_n
		things.put { type = "permit_rule", id = r.id, set = { test_hours = n, test_over = bad_n, test_first = first or null } }
	end
	return { hours = hours, over = sum, before = before }
end
