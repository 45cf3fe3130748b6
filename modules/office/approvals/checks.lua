-- 机器核查 machine checks of night work (approvals §6)

-- L = 10 lg Σ n·10^((L_i − 20 lg(r/r0) − ΔB)/10)
function facade_level(r)
	if not r.machines or #r.machines == 0 or not r.facade_m then
		return nil
	end
	local sum = 0
	for _, m in ipairs(r.machines) do
		local level = m.level - 20 * math.log(r.facade_m / m.at_m, 10) - (r.barrier_db or 0)
		sum = sum + (m.count or 1) * 10 ^ (level / 10)
	end
	return math.floor(10 * math.log(sum, 10) * 10 + 0.5) / 10
end

-- 与禁止时段冲突的夜 nights that meet a ban
function bans_of(r)
	local out = {}
	for _, b in ipairs(all_of("ban_window")) do
		for _, n in ipairs(r.nights or {}) do
			local inside = n.night >= b.from and n.night <= b.to
			if inside and b.place and b.radius_m then
				local p, q = r.place.coordinates, b.place.coordinates
				inside = distance_m(p[1], p[2], q[1], q[2]) <= b.radius_m
			end
			if inside and not has_word(b.exempt, r.process) then
				out[#out + 1] = { night = n.night, name = b.name, basis = b.basis }
			end
		end
	end
	return out
end

function submit_lacks(r)
	local m = {}
	local first
	for _, n in ipairs(r.nights or {}) do
		first = (not first or n.night < first) and n.night or first
	end
	if r.process ~= "rescue" and first and workdays(today(), 1) > first then
		m[#m + 1] = bad("须在首夜之前至少 1 个工作日提交；首夜 " .. first, "at least one working day before the first night")
	end
	for _, b in ipairs(bans_of(r)) do
		m[#m + 1] = bad(b.night .. " 在“" .. b.name .. "”期间，禁止夜间施工（" .. b.basis .. "）", b.night .. " falls into a ban: " .. b.name)
	end
	return m
end

-- 超过夜间 55 dB 不禁止，须有措施并写进证明
function examine_lacks(r, item)
	local limit = tonumber(law("limits/noise-sources", item.limit_standard, "construction_noise", "Leq", "", "night", today()).high)
	if r.facade_db and r.facade_db > limit and not r.measures then
		return { bad(string.format("住户处预计 %.1f dB，超过 %.0f dB，须写明降噪措施", r.facade_db, limit), "above the night level: measures are needed") }
	end
	return {}
end
