-- 后评价：能自动算的先算（events §9）。What the machine can evaluate.

local function round(x)
	return math.floor(x * 10 + 0.5) / 10
end

-- 各计时用去的份额：按时满分，超一倍为零
local function timeliness(case)
	local sum, n, late = 0, 0, 0
	for _, c in ipairs(case.clocks or {}) do
		if c.due_us and c.start_us and c.done_us and c.due_us > c.start_us then
			local used = (c.done_us - c.start_us) / (c.due_us - c.start_us)
			sum, n = sum + math.max(0, math.min(1, 2 - used)), n + 1
			late = late + (used > 1 and 1 or 0)
		end
	end
	return n > 0 and sum / n or 1, string.format("%d 个计时，%d 个超时", n, late)
end

local function recurrences(e)
	if not e.object then
		return 0
	end
	local n = 0
	for _, o in ipairs(all_of("event", { { field = "object", op = "=", value = e.object }, { field = "nature", op = "=", value = e.nature }, { field = "first_seen", op = ">", value = e.last_seen } })) do
		n = n + (o.id ~= e.id and 1 or 0)
	end
	return n
end

-- 0.4 时效 + 0.25 证据 + 0.2 效果 + 0.15 判断
function evaluate(case, e)
	local list = {}
	local function add(item, share, fact)
		list[#list + 1] = { item = item, score = round(100 * share), fact = fact }
		return share
	end
	local time, fact = timeliness(case)
	local t = add("时效", time, fact)
	local v = add("证据", math.max(0, 1 - (e.returns or 0) / 3), string.format("退回 %d 次", e.returns or 0))
	local again = recurrences(e)
	local w = add("效果", again == 0 and 1 or math.max(0, 1 - again / 2), string.format("之后同类 %d 起", again))
	local manual = ((e.cause_right or 0) + (e.measure_right or 0) + (e.communication or 0)) / 15
	local right = e.grade == e.computed_grade and 1 or 0.5
	local j = add("判断", 0.5 * manual + 0.5 * right, string.format("人工 %.1f/5，级别%s", manual * 5, right == 1 and "未改" or "改过"))
	return list, round(100 * (0.4 * t + 0.25 * v + 0.2 * w + 0.15 * j))
end
