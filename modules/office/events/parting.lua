-- 拆分：把不是一件事的线索拆出去，两件事都算对（events §4：拆回须分毫不差）。
-- Parting: signals of another matter leave an event; what was merged whole comes back as it was.

-- 不用 cases.get：它要算那一件的条件，两件互指时没有尽头 not cases.get: it asks the guards of that one too
function head_of(event)
	for _, c in ipairs(event and cases.find { flow = "event", q = event.title, limit = 500 } or {}) do
		if c.id == event.id then
			return c
		end
	end
end

-- 拆得成吗：线索都在这一件里、还有剩下的、这一件在办 may it be parted
function parting_fits(p)
	local event = get("event", p.event)
	local case = head_of(event)
	if not case or case.closed_us then
		return bad("这一件不在办，不能拆", "the event is closed")
	end
	local chosen, n = {}, 0
	for _, id in ipairs(p.signals or {}) do
		local s = not chosen[id] and get("signal", id)
		if not s or s.event ~= event.id then
			return bad("拆出的线索须都属于这一件，各写一次", "each signal belongs to this event and is named once")
		end
		chosen[id], n = true, n + 1
	end
	if n == 0 or n >= things.count { type = "signal", filter = { { field = "event", op = "=", value = event.id } } } then
		return bad("拆出一部分，至少留一条线索", "some leave, at least one stays")
	end
	return true
end

-- 原来就是一件的，回到那一件 the event that all of them were, when it was merged into this one
local function home_of(signals, from)
	local was = signals[1].was
	for _, s in ipairs(signals) do
		if not was or s.was ~= was then
			return nil
		end
	end
	local e = get("event", was)
	return e and e.merge_into == from.id and e.reject_code == "duplicate" and e or nil
end

-- 留下的一件：位置、对象、标题若来自拆走的线索，改由留下的线索定 what came from those that left is told by those that stay
local function left_behind(from, gone, stay)
	local before, clear = title_of(from), {}
	for _, name in ipairs { "object", "object_name", "place", "site" } do
		local function has(list)
			for _, s in ipairs(list) do
				local a, b = s[name], from[name]
				if name == "place" and a and b then
					a, b = a.coordinates[1] .. " " .. a.coordinates[2], b.coordinates[1] .. " " .. b.coordinates[2]
				end
				if a ~= nil and a == b then
					return true
				end
			end
			return false
		end
		if has(gone) and not has(stay) then
			clear[name], from[name] = null, nil
			for _, s in ipairs(stay) do
				if from[name] == nil and s[name] ~= nil then
					clear[name], from[name] = s[name], s[name]
				end
			end
		end
	end
	clear.title = from.title == before and title_of(from) or nil
	clear.by_hand = true
	things.put { type = "event", id = from.id, set = clear }
end

local function part(p, by)
	local from, gone, ids = get("event", p.event), {}, {}
	for _, id in ipairs(p.signals) do
		gone[#gone + 1] = get("signal", id)
		ids[id] = true
	end
	table.sort(gone, function(a, b) return time_diff(a.seen_at, b.seen_at) < 0 or (a.seen_at == b.seen_at and a.source_ref < b.source_ref) end)
	local home = home_of(gone, from)
	local note = "自 " .. (from.no or from.title) .. " 拆出：" .. p.reason .. "（" .. by .. "）"
	local id
	if home then
		id = home.id
		cases.act { flow = "event", id = id, act = "reopen", note = note }
		things.put { type = "event", id = id, set = { reject_code = null, reject_text = null, merge_into = null, by_hand = true } }
	else
		id = open_of(gone, from.found_at)
		things.put { type = "event", id = id, set = { by_hand = true } }
		cases.act { flow = "event", id = id, act = "comment", note = note }
	end
	for _, s in ipairs(gone) do
		things.put { type = "signal", id = s.id, set = { event = id, was = from.id, proposed = null, attach_how = "parted", attach_score = 1, attach_reason = "人工拆出：" .. p.reason } }
	end
	left_behind(from, gone, all_of("signal", { { field = "event", op = "=", value = from.id } }, "seen_at"))
	refresh(from.id)
	refresh(id)
	local made = get("event", id)
	cases.act { flow = "event", id = from.id, act = "comment", note = string.format("拆出 %d 条线索，成 %s：%s（%s）", #gone, made.no or made.title, p.reason, by) }
	for _, a in ipairs(from.assignees or {}) do
		notify { to = { user = a.user }, level = "urge", link = "/cases/event/" .. from.id, title = { zh = "事件已拆分：" .. from.title, en = "The event was parted" },
			body = { zh = string.format("拆出 %d 条线索，成 %s：%s", #gone, made.no or made.title, p.reason), en = string.format("%d signals left it", #gone) } }
	end
	return id
end

on("thing.saved:parting", function(e)
	if e.op ~= "create" then
		return
	end
	local p = things.get("parting", e.id)
	local made = part(flat(p), p.created_by or "")
	things.put { type = "parting", id = e.id, set = { made = made } }
end)
