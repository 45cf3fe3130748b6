-- 应急复盘：特急、泄漏、辐射事件处置完毕后自成一件；经过由处置记录排出，措施逐项落实才办结
-- After-review of an emergency: a case of its own, with the course as it was recorded; measures are followed to their end.

local function why(e)
	if e.nature == "spill" or e.nature == "radiation" then
		return NATURE_ZH[e.nature] .. "事件"
	end
	return e.grade == "1" and "特急事件" or nil
end

-- 进入每个环节是发现后的第几分钟 minutes from the finding to each stage
local function course(case)
	local list = {}
	for _, t in ipairs(case.trace or {}) do
		if t.to_state and t.to_state ~= "" then
			list[#list + 1] = { state = t.to_state, minutes = math.floor((t.at_us - case.opened_us) / 60000000 + 0.5), who = t.by_name }
		end
	end
	return list
end

function review_of(event)
	return all_of("after_review", { { field = "event", op = "=", value = event } })[1]
end

-- 重开又办结的事件不另立 an event that was opened again has one still
function open_review(case, e)
	local reason = why(e)
	if reason and not review_of(case.id) then
		cases.open { flow = "after_review", set = { event = case.id, grade = e.grade, why = reason, course = course(case) } }
	end
end

-- 会前：经过核对过；答缺什么 what lacks before the measures are decided
function review_lacks(case, r)
	local m, minutes = {}, 0
	for _, file in ipairs(case.files or {}) do
		minutes = minutes + (file.kind == "minutes" and 1 or 0)
	end
	if minutes == 0 then
		m[#m + 1] = bad("复盘会的纪要（附件）", "the minutes of the meeting, attached")
	end
	if #(r.measures or {}) == 0 and not r.no_measure then
		m[#m + 1] = bad("改进措施，或无须改进的理由", "measures, or why there are none")
	end
	return m
end

-- 措施逐项写了办结日与凭据才算落实 every measure has its day and its proof
function measures_lack(r)
	local m = {}
	for i, x in ipairs(r.measures or {}) do
		if not x.done_on or not x.proof then
			m[#m + 1] = bad(string.format("第 %d 项措施“%s”没有办结日期或凭据", i, x.measure), string.format("measure %d has no day or proof", i))
		end
	end
	return m
end
