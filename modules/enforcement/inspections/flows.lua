-- 抽取与检查 the draw, and the visit

local function rule_of(day)
	local function p(name)
		return math.tointeger(tonumber(law("enforcement/parameters", name, day).value))
	end
	return { key_percent = p("draw.key_percent"), general_per_officer = p("draw.general_per_officer"), officers_per_object = p("draw.officers"), freeze_hours = p("draw.freeze_hours") }
end

local function ask_swap(r)
	local asked = {}
	for i, s in ipairs(r.swaps or {}) do
		asked[i] = s
	end
	asked[#asked + 1] = { object = r.swap_object, outgoing = r.swap_out, reason = r.swap_reason }
	return asked
end

flow "draw" {
	record = "draw", title = { zh = "双随机抽取", en = "Random draw" }, version = 1, start = "prepared", open_roles = { "enforce_lead" },
	states = {
		{ id = "prepared", title = { zh = "准备", en = "Prepared" }, kind = "work", roles = { "enforce_lead" }, area = "city",
			form = { "quarter", "day", "reason", "secret_digest", "public_source" }, required = { "draw", "quarter", "day", "secret_digest", "public_source" },
			leave = { { to = "frozen", title = { zh = "冻结名录", en = "Freeze the pools" }, on = function(x)
				local objects, officers = object_lines(x.record.day), officer_lines()
				things.put { type = "draw", id = x.case.id, set = { rule = rule_of(x.record.day), objects = objects, officers = officers, objects_digest = pool_digest(objects), officers_digest = pool_digest(officers), frozen_at = now() } }
			end } }, allow = { "comment" } },
		{ id = "frozen", title = { zh = "已冻结，等公开随机数", en = "Frozen" }, kind = "work", roles = { "enforce_lead" }, area = "city",
			form = { "public_number", "secret" },
			leave = { { to = "drawn", title = { zh = "抽取", en = "Draw" }, needs = { fields = { "public_number" }, guard = function(x)
				local r, missing = x.record, {}
				if time_diff(now(), r.frozen_at) < r.rule.freeze_hours * 3600 then
					missing[#missing + 1] = bad(string.format("冻结未满 %d 小时", r.rule.freeze_hours), "not frozen long enough")
				end
				if r.secret and r.secret ~= "" and sm3(r.secret) ~= r.secret_digest then
					missing[#missing + 1] = bad("密语与承诺不符", "the secret is not the one committed to")
				end
				if #missing > 0 then
					return { missing = missing }
				end
				return true
			end }, on = function(x)
				local r = x.record
				local seed = seed_of(r)
				r.seed = seed
				local results, position = run_draw(r)
				things.put { type = "draw", id = x.case.id, set = { seed = seed, results = results, position = position } }
				r.results = results
				if #results <= 150 then -- 多了由 every "tasks" 分批建 more than that come in portions
					make_tasks(r, 150)
				end
			end } }, allow = { "comment" } },
		{ id = "drawn", title = { zh = "已抽取并公布", en = "Drawn and published" }, kind = "work", roles = { "enforce_lead" }, area = "city",
			form = { "swap_object", "swap_out", "swap_reason" },
			leave = {
				{ id = "swap", to = "drawn", title = { zh = "换人（休假、患病、回避）", en = "Swap an officer" }, needs = { fields = { "swap_object", "swap_out", "swap_reason" }, guard = function(x)
					local ok, why = pcall(run_draw, x.record, ask_swap(x.record))
					if not ok then
						return { missing = { bad(tostring(why), tostring(why)) } }
					end
					return true
				end }, on = function(x)
					local _, _, swaps, pairs_of = run_draw(x.record, ask_swap(x.record))
					local object = x.record.swap_object
					things.put { type = "draw", id = x.case.id, set = { swaps = swaps, swap_object = null, swap_out = null, swap_reason = null } }
					for _, t in ipairs(things.find { type = "inspection_task", filter = { { field = "draw", op = "=", value = x.record.draw }, { field = "object", op = "=", value = object } }, limit = 1 }) do
						things.put { type = "inspection_task", id = t.id, set = { officers = table.concat(pairs_of[object], ",") } }
					end
				end },
				{ to = "closed", title = { zh = "本季结束", en = "Quarter over" } },
			}, allow = { "comment" } },
		{ id = "closed", title = { zh = "结束", en = "Closed" }, kind = "end", roles = { "enforce_lead" }, area = "city" },
	},
}

flow "inspection" {
	record = "inspection_task", title = { zh = "检查", en = "Inspection" }, version = 1, start = "assigned",
	states = {
		{ id = "assigned", title = { zh = "待检查", en = "Assigned" }, kind = "work", roles = { "enforce_officer", "enforce_lead" }, area = "case",
			form = { "visit_on", "shown", "record_text", "result", "party_opinion", "window_to" },
			leave = { { to = "recorded", title = { zh = "完成检查", en = "Visited" }, needs = { fields = { "visit_on", "result", "party_opinion" }, guard = function(x)
				local r = x.record
				if r.result ~= "not_reachable" and not (r.shown and r.record_text) then
					return { missing = { bad("须出示证件并有检查记录", "show the certificates, write the record") } }
				end
				return true
			end } } }, allow = { "comment", "return", "transfer" } },
		{ id = "recorded", title = { zh = "待公示", en = "To be published" }, kind = "work", roles = { "enforce_lead" }, area = "case",
			clocks = { { id = "publish", title = { zh = "公示", en = "Publish" }, law = "enforcement/deadlines/inspection_publication", from = "enter", ladder = { { at = 0.9, act = "remind" }, { at = 1, act = "superior" } } } },
			leave = { { to = "published", title = { zh = "公示", en = "Publish" }, on = function(x)
				if x.record.discharger and x.record.result ~= "no_problem" and x.record.result ~= "not_reachable" then
					things.put { type = "discharger", id = x.record.discharger, set = { last_finding = x.record.visit_on } }
				end
			end } }, allow = { "comment", "return" } },
		{ id = "published", title = { zh = "已公示", en = "Published" }, kind = "end", roles = { "enforce_lead" }, area = "case" },
	},
}
