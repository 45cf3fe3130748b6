-- 抽取本身：只用冻结的名录、种子与数流。The draw: frozen pools, the seed and the stream, nothing else (README.md).

local function set(text)
	local out = {}
	for word in text:gmatch("[^,]+") do
		out[word] = true
	end
	return out
end

local function read_pools(kit)
	local objects, officers = {}, {}
	for code, area, class, weight, exempt, name in (kit.objects or ""):gmatch("([^|\n]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^\n]*)") do
		objects[#objects + 1] = { code = code, area = area, class = class, weight = tonumber(weight), exempt = exempt ~= "", name = name }
	end
	for id, certificate, valid, areas, leave, cap, avoid, last in (kit.officers or ""):gmatch("([^|\n]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^\n]*)") do
		officers[#officers + 1] = { id = id, certificate = certificate, valid = valid, areas = set(areas), leave = leave ~= "", cap = tonumber(cap), avoid = set(avoid), last = set(last), load = 0 }
	end
	return objects, officers
end

local function take(kit, stream, all, k, weights)
	local said = calc("random.draw", { seed = kit.seed, position = stream.position, n = #all, k = k, weights = weights })
	stream.position = said.position
	local out = {}
	for _, i in ipairs(said.picks) do
		out[#out + 1] = all[i]
	end
	return out
end

local function quota(rule, class, n, officers)
	if class == "key" then
		return (rule.key_percent * n + 99) // 100
	elseif class == "special" then
		return n
	end
	return math.min(n, (rule.general_per_officer * officers + 3) // 4)
end

local function draw_group(kit, stream, group, k)
	local weights, even = {}, true
	for i, o in ipairs(group) do
		weights[i] = o.weight
		even = even and o.weight == 1000
	end
	return take(kit, stream, group, k, not even and weights or nil)
end

local function able(kit, list, object, not_these)
	local out = {}
	for _, o in ipairs(list or {}) do
		if o.load < o.cap and not o.avoid[object.code] and not not_these[o.id] and o.valid >= kit.day and not o.leave then
			out[#out + 1] = o
		end
	end
	return out
end

-- officers.of[area]：负责该区的，按编号 those of an area
local function draw_officers(kit, stream, officers, object, n, not_these)
	local own, fresh, city = able(kit, officers.of[object.area], object, not_these), {}, nil
	for _, o in ipairs(own) do
		if not o.last[object.code] then
			fresh[#fresh + 1] = o
		end
	end
	if #own < n then
		city = able(kit, officers, object, not_these)
	end
	local pool = #fresh >= n and fresh or #own >= n and own or city
	local got = take(kit, stream, pool, math.min(n, #pool))
	for _, o in ipairs(got) do
		o.load = o.load + 1
	end
	return got, #own < n
end

local function names(got)
	local out = {}
	for i, o in ipairs(got) do
		out[i] = o.id
	end
	return out
end

function seed_of(kit)
	return sm3(kit.objects_digest .. "\n" .. kit.officers_digest .. "\n" .. kit.draw .. "\n" .. kit.public_number .. "\n" .. ((kit.secret and kit.secret ~= "") and kit.secret or "-") .. "\n")
end

-- 全部结果 everything that the stream decides: results, the position behind them, and the swaps asked for
function run_draw(kit, asked)
	local objects, officers = read_pools(kit)
	local stream = { position = 0 }
	local by_area = {}
	for _, o in ipairs(objects) do
		by_area[o.area] = by_area[o.area] or {}
		by_area[o.area][o.class] = by_area[o.area][o.class] or {}
		if not o.exempt then
			table.insert(by_area[o.area][o.class], o)
		end
	end
	officers.of = {}
	for _, x in ipairs(officers) do
		for area in pairs(x.areas) do
			officers.of[area] = officers.of[area] or {}
			table.insert(officers.of[area], x)
		end
	end
	local drawn, results = {}, {}
	for area, classes in pairs(by_area) do -- 按编码升序 in the order of the codes
		for class, group in pairs(classes) do
			for _, o in ipairs(draw_group(kit, stream, group, quota(kit.rule, class, #group, #(officers.of[area] or {})))) do
				drawn[#drawn + 1] = o
			end
		end
	end
	local pairs_of, by_code = {}, {}
	for i, o in ipairs(drawn) do
		local got, widened = draw_officers(kit, stream, officers, o, kit.rule.officers_per_object, {})
		pairs_of[o.code], by_code[o.code] = names(got), o
		results[i] = { object = o.code, area = o.area, class = o.class, officers = table.concat(names(got), ","), widened = widened }
	end
	local position, swaps = stream.position, {}
	for i, s in ipairs(asked or {}) do
		local pair, object = pairs_of[s.object], by_code[s.object]
		if not pair then
			error(s.object .. " 不在抽取结果里 is not among the results")
		end
		local there = {}
		for _, id in ipairs(pair) do
			there[id] = true
		end
		if not there[s.outgoing] then
			error(s.outgoing .. " 不是 " .. s.object .. " 的检查人员 is not one of its officers")
		end
		for _, x in ipairs(officers) do
			if x.id == s.outgoing then
				x.load = x.load - 1
			end
		end
		local got = draw_officers(kit, stream, officers, object, 1, there)
		local fresh = {}
		for _, id in ipairs(pair) do
			if id ~= s.outgoing then
				fresh[#fresh + 1] = id
			elseif got[1] then
				fresh[#fresh + 1] = got[1].id
			end
		end
		pairs_of[s.object] = fresh
		swaps[i] = { object = s.object, outgoing = s.outgoing, reason = s.reason, incoming = got[1] and got[1].id or null, position = stream.position }
	end
	return results, position, swaps, pairs_of
end

-- 名录的写法：一行一个，竖线分开，按编码升序；摘要对每行末尾都有换行的文本计算
-- The canonical lines of the pools, sorted by code; the digest is of the text with a line end behind every line.
local function cell(v)
	return (tostring(v or ""):gsub("[|%c]", ""))
end
function pool_digest(text)
	return sm3(text == "" and "" or text .. "\n")
end
function object_lines(day)
	local out = {}
	for _, d in ipairs(all_of("discharger", { { field = "status", op = "in", value = { "trial", "running", "seasonal_stop" } } }, "source_code",
		{ "source_code", "name", "admin_area", "draw_class", "credit", "complaints_90d", "last_finding", "positive_list" })) do
		local weight = 1000
		if d.credit == "red" or d.credit == "black" then
			weight = weight * 2
		end
		if (d.complaints_90d or 0) >= 3 then
			weight = weight * 3 // 2
		end
		if d.credit == "green" and (not d.last_finding or d.last_finding < string.format("%04d%s", tonumber(day:sub(1, 4)) - 2, day:sub(5))) then
			weight = weight // 2
		end
		out[#out + 1] = table.concat({ cell(d.source_code), cell(d.admin_area), cell(d.draw_class or "general"), string.format("%d", weight), d.positive_list and "正面清单" or "", cell(d.name) }, "|")
	end
	table.sort(out)
	return table.concat(out, "\n")
end
function officer_lines()
	local out = {}
	for _, o in ipairs(all_of("inspector", nil, "code")) do
		local areas, avoid, last = {}, {}, {}
		for _, a in ipairs(o.areas or {}) do
			areas[#areas + 1] = a.code
		end
		for _, a in ipairs(o.avoid or {}) do
			avoid[#avoid + 1] = a.code
		end
		for _, a in ipairs(o.last or {}) do
			last[#last + 1] = a.code
		end
		table.sort(areas)
		table.sort(avoid)
		table.sort(last)
		out[#out + 1] = table.concat({ cell(o.code), cell(o.certificate), cell(o.valid_to), table.concat(areas, ","), o.on_leave and "休假" or "", string.format("%d", o.cap or 999),
			table.concat(avoid, ","), table.concat(last, ",") }, "|")
	end
	table.sort(out)
	return table.concat(out, "\n")
end

-- 抽取之后逐家建任务，一次至多 n 家 tasks of a draw, at most n at a time
function make_tasks(draw, n)
	local there, ids, names = {}, {}, {}
	for _, t in ipairs(all_of("inspection_task", { { field = "draw", op = "=", value = draw.draw } }, "no", { "no", "object" })) do
		there[t.object] = true
	end
	for _, d in ipairs(all_of("discharger", nil, "source_code", { "source_code" })) do
		ids[d.source_code] = d.id
	end
	for code, name in draw.objects:gmatch("([^|\n]*)|[^|]*|[^|]*|[^|]*|[^|]*|([^\n]*)") do
		names[code] = name
	end
	for _, row in ipairs(draw.results or {}) do
		if not there[row.object] and n > 0 then
			n = n - 1
			things.put { type = "inspection_task", set = { title = draw.quarter .. " 双随机：" .. (names[row.object] or row.object), kind = "random", object = row.object,
				discharger = ids[row.object] or null, officers = row.officers, draw = draw.draw, admin_area = row.area } }
		end
	end
end

-- 家数多时，余下的分批补齐 the rest of a large draw, in portions
every "tasks" { "PT1M", function()
	for _, d in ipairs(things.find { type = "draw", limit = 20 }) do
		local draw = flat(d)
		if draw.results and things.count { type = "inspection_task", filter = { { field = "draw", op = "=", value = draw.draw } } } < #draw.results then
			make_tasks(draw, 100)
		end
	end
end }
