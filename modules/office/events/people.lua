-- 派人：在班、对口、在区、没有回避，按负荷与专长排（events §7）。Who is sent.

local POSTS = { ["4"] = { "grid" }, ["3"] = { "grid", "desk" }, ["2"] = { "grid", "desk", "officer", "officer", "maintainer" },
	["1"] = { "grid", "desk", "officer", "officer", "maintainer", "leader", "monitoring", "emergency" } }
local DEVICE = { exceed = true, abnormal_data = true, fraud = true, outage = true, facility = true }

local function eligible(s, e, day)
	return not s.on_leave and (not s.certificate_to or s.certificate_to >= day) and not (e.object and has_word(s.avoid, e.object))
end

-- 某岗位在班的人，最合适的在前 who is on duty at a post, the fittest first
local function candidates(e, post, at)
	local out = {}
	for _, s in ipairs(all_of("shift", { { field = "post", op = "=", value = post }, { field = "from", op = "<=", value = at }, { field = "to", op = ">", value = at } })) do
		if eligible(s, e, at:sub(1, 10)) and (not s.admin_area or s.admin_area == e.admin_area) then
			local own = s.admin_area and 0.4 or 0.1
			local load = 0.3 / (1 + (s.open_load or 0))
			local skill = has_word(s.skills, e.nature) and 0.2 or 0
			out[#out + 1] = { user = s.user, name = s.name, post = post, rank = own + load + skill,
				why = string.format("%s在班，在办 %d 件%s", own == 0.4 and "本区" or "市级", s.open_load or 0, skill > 0 and "，对口" or "") }
		end
	end
	table.sort(out, function(a, b)
		if a.rank ~= b.rank then
			return a.rank > b.rank
		end
		return a.user < b.user
	end)
	return out
end

-- 按级别该到的岗位，各取最合适的人；缺的岗位说出来
function people_for(e, at)
	local set, taken, missing = {}, {}, {}
	for _, post in ipairs(POSTS[e.grade]) do
		if post ~= "maintainer" or DEVICE[e.nature] then
			local found
			for _, c in ipairs(candidates(e, post, at)) do
				if not taken[c.user] then
					found = c
					break
				end
			end
			if found then
				taken[found.user] = true
				set[#set + 1] = { user = found.user, name = found.name, post = found.post, why = found.why }
			else
				missing[#missing + 1] = post
			end
		end
	end
	return set, missing
end

function procedure_for(nature, day)
	return in_force("procedure", nature, day)
end
