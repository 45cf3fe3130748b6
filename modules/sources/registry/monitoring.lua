-- 自行监测：方案由许可限值来，结果按当日限值判，缺的记下 plans from the permit, results by the limit of their day, what is missed

-- "<0.05" 按检出限一半参与比较时用；判超标只看数 a printed result as a number: below a detection limit is never over
function result_number(text)
	return text and (text:match("^%d+%.?%d*$") and tonumber(text) or text:match("^<%d+%.?%d*$") and 0)
end

-- 采样那天在用的规则 the rule in force on the day of the sample
function rule_of(r)
	local p = r.plan and get("self_monitor_plan", r.plan)
	if not p or not r.sampled_on then
		return nil
	end
	local best
	for _, rule in ipairs(all_of("permit_rule", { { field = "outlet", op = "=", value = p.outlet }, { field = "factor", op = "=", value = p.factor } })) do
		local limit = get("permit_limit", rule.limit)
		if limit and (limit.kind == "conc" or limit.kind == "rate") and not limit.condition and rule.in_force and rule.kind ~= "refused" and rule.valid_from <= r.sampled_on and r.sampled_on <= (rule.valid_to or "9999") and (rule.high or rule.low)
			and (not best or (rule.high or 1e300) < (best.high or 1e300)) then
			best = rule
		end
	end
	return best
end
function verdict_of(r)
	local rule, v = rule_of(r), result_number(r.printed)
	if not rule or not v then
		return "no_limit"
	end
	return (rule.high and v > rule.high or rule.low and v < rule.low and not r.printed:match("^<")) and "over" or "within"
end

-- 方案：每条浓度限值一条 one plan for each limit of a concentration
function make_plans(version)
	local permit = get("permit", version.permit)
	for _, l in ipairs(all_of("permit_limit", { { field = "version", op = "=", value = version.id } })) do
		if l.outlet and (l.kind == "conc" or l.kind == "rate" or l.kind == "colour") then
			local key = permit.number .. "/" .. get("outlet", l.outlet).code .. "/" .. l.factor
			local was = all_of("self_monitor_plan", { { field = "key", op = "=", value = key } })[1]
			local auto = #bindings_of(l.outlet, l.factor) > 0
			things.put { type = "self_monitor_plan", id = was and was.id, set = { key = key, discharger = permit.discharger, outlet = l.outlet, factor = l.factor, frequency = l.frequency or was and was.frequency or auto and "auto" or "quarter",
				from = was and was.from or version.effective_from } }
		end
	end
end

local MONTHS = { month = 1, quarter = 3, half = 6, year = 12 }
-- 含某日的一期的首末日 first and last day of the period that a day lies in
function period_of(frequency, day)
	if frequency == "day" then
		return day, day
	elseif frequency == "week" then -- 周一至周日 1970-01-05 是周一
		local since = tonumber(time_diff(day, "1970-01-05")) // 86400 % 7
		return day_add(day, -since), day_add(day, 6 - since)
	end
	local n = MONTHS[frequency]
	local y, m = tonumber(day:sub(1, 4)), tonumber(day:sub(6, 7))
	local first = (m - 1) // n * n + 1
	local after = first + n
	local next = after > 12 and string.format("%04d-%02d-01", y + 1, after - 12) or string.format("%04d-%02d-01", y, after)
	return string.format("%04d-%02d-01", y, first), day_add(next, -1)
end

-- 已过完而没有结果的期数，至多看一年 periods that ended without a result, over a year at most
function missed(plan, days, day)
	local n, at = 0, period_of(plan.frequency, day)
	local earliest = day_add(day, -366)
	while at > plan.from and at > earliest do
		local first, last = period_of(plan.frequency, day_add(at, -1))
		if first < plan.from then
			break
		end
		local found = false
		for _, d in ipairs(days) do
			found = found or (first <= d and d <= last)
		end
		n = n + (found and 0 or 1)
		at = first
	end
	return n
end

function look_at(plan, day)
	local days, newest = {}, nil
	for _, r in ipairs(all_of("self_monitor_result", { { field = "plan", op = "=", value = plan.id } }, "sampled_on", { "sampled_on" })) do
		days[#days + 1], newest = r.sampled_on, r.sampled_on
	end
	if plan.frequency == "auto" then
		return things.put { type = "self_monitor_plan", id = plan.id, set = { missing = 0, next_due = null, last_result = newest or null } }
	end
	local first, due = period_of(plan.frequency, day)
	local n = missed(plan, days, day)
	things.put { type = "self_monitor_plan", id = plan.id, set = { missing = n, next_due = due, last_result = newest or null } }
	local what = "自行监测 " .. plan.key .. " " .. first .. " 至 " .. due
	local duty = all_of("duty", { { field = "discharger", op = "=", value = plan.discharger }, { field = "what", op = "=", value = what } })[1]
	local done = newest and newest >= first and newest or nil
	if not duty then
		things.put { type = "duty", set = { discharger = plan.discharger, kind = "self_monitor", what = what, due = due, done = done or null, basis = "排污许可证；HJ 819" } }
	elseif done and not duty.done then
		things.put { type = "duty", id = duty.id, set = { done = done } }
	end
end

on("thing.saved:self_monitor_result", function(e)
	local r = get("self_monitor_result", e.id)
	local plan = get("self_monitor_plan", r.plan)
	look_at(plan, today())
	if e.op == "create" and r.verdict == "over" then
		local d = get("discharger", r.discharger)
		notify { to = { role = "enforce_officer", area = d.admin_area }, title = { zh = string.format("自行监测超标：%s %s %s，限值 %s", d.name, r.factor, r.printed, r.limit_high), en = "Self-monitoring above the limit: " .. d.name },
			link = "/r/discharger/" .. d.id .. "?tab=file" }
	end
end)
every "self_monitoring" { "daily 06:30", function()
	for _, plan in ipairs(all_of("self_monitor_plan")) do
		look_at(plan, today())
	end
end }
