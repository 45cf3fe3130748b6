-- 裁量、期限与数额的计算：都看得见、可争辩。Sums and days: all shown, all arguable.

-- 罚款 = 下限 +（上限 − 下限）× Σ%，Σ% 夹在 0 至 100，舍到元
-- fine = min + (max - min) x sum of %, clipped to 0..100, down to whole yuan
function discretion(min, max, items)
	local percent = 0
	for _, item in ipairs(items or {}) do
		percent = percent + (item.percent or 0)
	end
	percent = math.max(0, math.min(100, percent))
	return math.floor(min + (max - min) * percent / 100 + 1e-6), percent
end

-- 日序 days since 1970-01-01 of "2026-03-01..."
function day_number(day)
	local y, m, d = day:match("^(%d+)-(%d+)-(%d+)")
	y, m, d = tonumber(y), tonumber(m), tonumber(d)
	if m <= 2 then
		y, m = y - 1, m + 12
	end
	return 365 * y + y // 4 - y // 100 + y // 400 + (153 * (m - 3) + 2) // 5 + d - 719469
end

-- 按日连续处罚的日数：责令改正送达次日至复查发现仍在继续之日（含），30 日内复查
-- Days of a daily fine: the day after service of the order to the day of the recheck, inclusive.
function daily_days(order_served, recheck)
	return math.max(0, day_number(recheck) - day_number(order_served))
end

-- 加处罚款：每日 3 %，不超过罚款；复议诉讼期间不计
function surcharge(fine, late_days, paused_days)
	local days = math.max(0, late_days - (paused_days or 0))
	return calc("penalty.late_surcharge", { fine_yuan = fine, days_late = days }).surcharge_yuan
end

local DIGITS = { [0] = "零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖" }
local PLACES = { "", "拾", "佰", "仟" }
local GROUPS = { "", "万", "亿" }

local function group_words(n)
	local out, zero = "", false
	for place = 4, 1, -1 do
		local d = n // math.tointeger(10 ^ (place - 1)) % 10
		if d == 0 then
			zero = out ~= ""
		else
			out = out .. (zero and "零" or "") .. DIGITS[d] .. PLACES[place]
			zero = false
		end
	end
	return out
end

-- 大写金额 whole yuan in capital Chinese
function capital(yuan)
	local n = math.tointeger(math.floor(yuan))
	if n == 0 then
		return "零元整"
	end
	local out, gap = "", false
	for g = 3, 1, -1 do
		local part = n // math.tointeger(10000 ^ (g - 1)) % 10000
		if part == 0 then
			gap = out ~= ""
		else
			if out ~= "" and (gap or part < 1000) then
				out = out .. "零"
			end
			out = out .. group_words(part) .. GROUPS[g]
			gap = false
		end
	end
	return out .. "元整"
end

-- 法表中的参数 a parameter of standards/enforcement/parameters
function parameter(name, day)
	local row = law("enforcement/parameters", name, day)
	return row and tonumber(row.value)
end

-- 期限的最后一日与实际到期日 last day of a step, and the working day on which it really ends
function deadline(step, from, more)
	local input = { step = step, from = from:sub(1, 10), legal_calendar = true }
	for k, v in pairs(more or {}) do
		input[k] = v
	end
	return calc("penalty.deadline", input)
end

-- 已缴与应缴 what was paid; the surcharge that is due
function paid_sum(r)
	local sum, full = 0, nil
	for _, p in ipairs(r.paid or {}) do
		sum = sum + tonumber(p.amount)
		if not full and r.fine and sum >= tonumber(r.fine) then
			full = p.on
		end
	end
	return sum, full
end
function surcharge_of(r)
	if not (r.fine and r.served_at and tonumber(r.fine) > 0) then
		return nil
	end
	local _, full = paid_sum(r)
	local due = deadline("payment", r.served_at).next_working_day
	return surcharge(tonumber(r.fine), day_number(full or today()) - day_number(due), r.paused_days)
end
