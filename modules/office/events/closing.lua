-- 回销要件：按性质由机器核对，缺什么说什么（events §6）。What must be there before an event is closed.

local function files(case, kind)
	local n = 0
	for _, file in ipairs(case.files or {}) do
		n = n + (file.kind == kind and 1 or 0)
	end
	return n
end

-- 措施之后到现在，末尾连续多少个有效小时低于限值；只在定时里数（观测对人另有范围）
-- valid hours in a row under the limit, up to now; counted by the schedule
function count_clean_hours(r, signals)
	for _, s in ipairs(signals) do
		if s.factor and s.limit and s.site and r.measure_at then
			local run = 0
			for _, p in ipairs(series { site = s.site, point = (s.object or ""):match("/(.*)$") or "", factor = s.factor, stat = "Avg", period = "hour", by = "hour", from = r.measure_at, to = now() }) do
				run = (p.n_valid > 0 and p.max <= s.limit) and run + 1 or 0
			end
			return run
		end
	end
	return nil
end

-- 同一份文件先在哪一件里用过 where the same file was used before
local function used_before(case)
	local out = {}
	for _, t in ipairs(case.trace or {}) do
		local d = t.data or {}
		if t.act == "attach" and d.also_in then
			local other = d.also_id and get("event", d.also_id)
			out[d.digest] = other and other.no or d.also_in
		end
	end
	return out
end

-- 拍摄的位置离事发地多远，拍摄的时刻在到场之后吗；没有记下的不问 as the field page recorded them
local function misplaced(file, r)
	local about = file.about or {}
	if type(about.lon) == "number" and type(about.lat) == "number" and r.place then
		local d = distance_m(about.lon, about.lat, r.place.coordinates[1], r.place.coordinates[2])
		if d > 200 then
			return string.format("拍摄处距事发地 %.0f 米，超过 200 米", d)
		end
	end
	if type(about.at) == "string" and r.arrived_at then
		local good, ahead = pcall(time_diff, r.arrived_at, about.at)
		if good and ahead > 60 then
			return "拍于到场以前"
		end
	end
	return nil
end

-- 算数的照片：不是别的案件用过的；on_site 为真时还须拍于现场、到场之后。不算的逐张写明
-- photos that count; those that do not are told one by one
local function photos(x, want, n, on_site)
	local have, faults, used = 0, {}, used_before(x.case)
	for _, file in ipairs(x.case.files or {}) do
		if file.kind == "photo" then
			local fault = used[file.digest] and ("已用于 " .. used[file.digest]) or on_site and misplaced(file, x.record)
			if fault then
				faults[#faults + 1] = (file.name or "") .. " " .. fault
			else
				have = have + 1
			end
		end
	end
	want(have >= n, string.format("照片（需 %d 张，已有 %d 张%s）", n, have, #faults > 0 and "；不算的：" .. table.concat(faults, "，") or ""),
		string.format("photos (%d needed, %d there, %d do not count)", n, have, #faults))
end

local NEED = {
	exceed = function(x, want)
		local hours = x.record.clean_hours or 0
		want(x.record.stop_mark or hours >= 24, string.format("措施之后连续 24 个有效小时低于限值（现有 %d 小时），或停产标记", hours), "24 valid hours under the limit after the measure, or a stop mark")
		want(x.record.statement, "企业签字的说明", "the signed statement of the enterprise")
	end,
	odour = function(x, want)
		photos(x, want, 2, true)
		want(not x.complaint or x.record.callback, "回访报告人", "the reporter called back")
	end,
	water_colour = function(x, want)
		photos(x, want, 2)
		want(x.record.samples, "样品编号（交接可查）", "sample numbers with their custody")
		want(x.record.sample_result, "检测或速测结果", "the result or quick test")
		want(files(x.case, "track") >= 1, "上游排查轨迹", "the track of the walk upstream")
	end,
	dumping = function(x, want)
		want(x.record.waste, "废物判别", "the waste identified")
		want(x.record.manifest, "清运联单", "the manifest of removal")
		photos(x, want, 2)
	end,
	spill = function(x, want)
		want(files(x.case, "stop_order") >= 1, "应急终止令", "the order that ends the response")
		want(x.record.sample_result, "连续三次低于标准的结果", "three consecutive results under the criterion")
		want(files(x.case, "report") >= 1, "终报", "the final report")
	end,
	noise = function(x, want)
		want(x.record.noise_leq, "不少于 1 分钟的等效声级", "a measurement of at least one minute")
		want(files(x.case, "calibration") >= 1, "声校准记录", "the record of the calibrator")
	end,
	facility = function(x, want)
		photos(x, want, 1)
		want(files(x.case, "power") >= 1, "24 小时用电曲线正常", "the power curve of 24 hours")
	end,
	outage = function(x, want)
		want(x.record.first_good, "恢复后的首帧时间", "the time of the first good frame")
		want(x.record.backfilled, "补传条数", "the number of frames fetched back")
	end,
	abnormal_data = function(x, want)
		want(x.record.inspection or files(x.case, "maintenance") >= 1, "运维记录或检查单号", "the record of maintenance or the inspection's number")
	end,
}
NEED.smoke_dust, NEED.burning, NEED.fraud = NEED.odour, NEED.odour, NEED.abnormal_data

-- 答：缺的要件 [{zh,en}]；空 = 齐
function closing_lacks(case, record)
	local lacks = {}
	local function want(ok, zh, en)
		if not ok then
			lacks[#lacks + 1] = bad(zh, en)
		end
	end
	local signals = all_of("signal", { { field = "event", op = "=", value = case.id } })
	local complaint = false
	for _, s in ipairs(signals) do
		complaint = complaint or s.source_kind == "complaint"
	end
	local x = { case = case, record = record, signals = signals, complaint = complaint }
	if record.moved_to then
		return lacks
	end
	local need = NEED[record.nature]
	if need then
		need(x, want)
	else
		photos(x, want, 1)
	end
	return lacks
end
