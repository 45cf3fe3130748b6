-- 登记类型 record types

local REPORTER = { purpose = { zh = "核实与回访", en = "Verification and call-back" }, basis = "信访工作条例；个人信息保护法 13", keep_days = 1095, mask = "name", unmask = { "duty_city" } }
local PHONE = { purpose = { zh = "核实与回访", en = "Verification and call-back" }, basis = "信访工作条例；个人信息保护法 13", keep_days = 1095, mask = "phone", unmask = { "duty_city" } }

-- 每一性质的归并与分级参数，按日期生效。数字是平台的假定，由后评价修订。
-- Parameters by nature, dated; the numbers are the platform's own and are revised by the evaluation.
record "nature_rule" {
	title = { zh = "事件规则", en = "Event rule" }, family = "events", label = "internal", title_field = "title", history = true,
	fields = {
		f("title", "名称", "Name", "text", { required = true, max = 80, list = true, search = true }),
		pick("nature", "性质", "Nature", NATURES, { required = true, list = true, filter = true }),
		f("version", "版本", "Version", "integer", { required = true, min = 1, list = true }),
		f("radius_m", "归并距离", "Radius of merging", "number", { required = true, min = 0, max = 10000, unit = "m", list = true }),
		f("window_h", "归并时限", "Window of merging", "number", { required = true, min = 0, max = 720, unit = "h", list = true }),
		f("hazard", "危害分", "Points of hazard", "number", { required = true, min = 0, max = 30, list = true }),
		f("floor", "不低于级别", "Grade at least", "integer", { min = 1, max = 4 }),
		f("auto_merge", "可自动归并", "May merge by itself", "bool", { default = true }),
		f("alike", "可归并的性质", "Compatible natures", "text", { max = 200, help = { zh = "以顿号分开", en = "separated by 、" } }),
		f("topology", "沿排口、单位归并", "Merges along outlet and site", "bool", { default = false }),
		f("river_km", "沿河归并公里", "Merges along rivers", "number", { min = 0, max = 200, unit = "km", help = { zh = "空或 0 为不沿河", en = "empty or 0: not along rivers" } }),
		f("slack_h", "发现早晚的余地", "Slack of being noticed", "number", { min = 0, max = 48, unit = "h" }),
		f("wind_m", "沿风归并距离", "Merges along the wind", "number", { min = 0, max = 20000, unit = "m", help = { zh = "上风左右各 30° 的扇面里；空或 0 为不沿风", en = "within 30° of upwind; empty or 0: not along the wind" } }),
		f("along", "沿途可归并的性质", "Natures that join on the way", "text", { max = 200, help = { zh = "同一介质（水、气）之内；以顿号分开", en = "within one medium, water or air; separated by 、" } }),
		f("basis", "依据", "Basis", "text", { required = true, max = 200 }),
		f("valid_from", "生效", "From", "date", { required = true, filter = true, list = true }),
		f("valid_to", "失效", "To", "date", { filter = true, list = true }),
		f("lesson", "由何教训而来", "From which lesson", "ref", { ref = "lesson" }),
	},
	checks = { { field = "valid_to", fn = function(x)
		if x.record.valid_to and x.record.valid_to < x.record.valid_from then
			return bad("失效日早于生效日", "ends before it begins")
		end
		return true
	end } },
	rights = RULE_RIGHTS,
}

record "event_limit" {
	title = { zh = "事件时限", en = "Limit of a stage" }, family = "events", label = "internal", title_field = "stage", history = true,
	fields = {
		pick("stage", "环节", "Stage", { { "confirm", "确认", "Confirm" }, { "read", "接收", "Accept" }, { "arrive", "到场", "Arrive" }, { "decide", "决策", "Decide" }, { "close", "回销", "Close" },
			{ "evaluate", "后评价", "Evaluate" }, { "review", "应急复盘", "After-review" } }, { required = true, list = true, filter = true }),
		pick("grade", "等级", "Grade", GRADES, { required = true, list = true, filter = true }),
		f("n", "数", "Number", "integer", { required = true, min = 1, list = true }),
		pick("unit", "单位", "Unit", { { "minute", "分钟", "minutes" }, { "hour", "小时", "hours" }, { "day", "日", "days" }, { "working_day", "工作日", "working days" } }, { required = true, list = true }),
		f("admin_area", "只限某区", "Of one district only", "area", { filter = true, list = true }),
		f("basis", "依据", "Basis", "text", { required = true, max = 200 }),
		f("valid_from", "生效", "From", "date", { required = true, list = true }),
		f("valid_to", "失效", "To", "date", { list = true }),
	},
	rights = RULE_RIGHTS,
}

record "signal" {
	title = { zh = "线索", en = "Signal" }, family = "events", label = "internal", title_field = "title", area = "admin_area", geometry = "place", history = true,
	fields = {
		f("title", "摘要", "Summary", "text", { max = 120, list = true, search = true, compute = function(x)
			local r = x.record
			return (NATURE_ZH[r.nature] or "线索") .. "：" .. (r.object_name or r.text or r.object or r.source_ref or "")
		end }),
		pick("source_kind", "来源", "Source", SOURCES, { required = true, list = true, filter = true }),
		f("source_ref", "来源编号", "Number at the source", "text", { required = true, unique = true, max = 200, search = true, link = "alarm",
			help = { zh = "告警、投诉、图像、模型运行的编号；同一编号只收一次", en = "number of the alarm, complaint, image, model run; taken once" } }),
		f("seen_at", "发生时间", "Seen at", "time", { required = true, list = true, filter = true }),
		f("arrived_at", "收到时间", "Arrived at", "time", { help = { zh = "本局收到的时刻；空为录入时", en = "when the bureau got it; empty: when it was entered" } }),
		f("place", "位置", "Place", "point", {}),
		f("object", "对象", "Object", "text", { max = 80, filter = true, help = { zh = "站点、排口、单位的编号，如 NJ-WW-03/DW001", en = "code of a site, outlet, firm" } }),
		f("object_name", "对象名称", "Name of the object", "text", { max = 120, search = true }),
		f("site", "站点", "Site", "integer", { link = "site", help = { zh = "自动监测站点的内部编号", en = "internal number of the monitored site" } }),
		pick("nature", "性质", "Nature", NATURES, { required = true, list = true, filter = true }),
		f("factor", "因子", "Factor", "text", { max = 40 }),
		f("value", "数值", "Value", "number", {}),
		f("limit", "限值", "Limit", "number", { min = 0 }),
		f("text", "描述", "Words", "longtext", { max = 4000, search = true }),
		f("reporter", "报告人", "Reporter", "text", { max = 60, personal = REPORTER }),
		f("phone", "联系电话", "Phone", "text", { max = 20, personal = PHONE }),
		f("confidence", "可信度", "Confidence", "number", { min = 0, max = 1, default = 1 }),
		f("people", "反映人数", "People reporting", "integer", { min = 1, default = 1 }),
		f("admin_area", "管辖区", "Answering office", "area", { filter = true, list = true, compute = function(x)
			local r = x.record
			return r.told_area or (r.place and area_of(r.place.coordinates[1], r.place.coordinates[2]))
		end }),
		f("told_area", "来源所述的区", "District as the source tells it", "area", { help = { zh = "没有位置时由它定管辖区", en = "gives the office where there is no place" } }),
		f("future", "时间在未来", "Told from the future", "bool", { compute = function(x)
			return time_diff(x.record.seen_at, now()) > 300
		end, filter = true }),
		f("event", "所属事件", "Event", "ref", { ref = "event", filter = true, list = true }),
		pick("attach_how", "归并依据", "Ground of attaching", { { "new", "新事件", "New event" }, { "object", "同一对象", "Same object" }, { "site", "同一单位", "Same site" }, { "near", "就在附近", "Near" },
			{ "river", "沿水流", "Along the river" }, { "wind", "沿风", "Along the wind" }, { "hand", "人工并入", "Merged by hand" }, { "parted", "人工拆出", "Parted by hand" } }, { filter = true }),
		f("was", "原属事件", "Belonged to", "ref", { ref = "event", filter = true }),
		f("attach_reason", "归并理由", "Why attached", "text", { max = 300 }),
		f("attach_score", "归并分", "Score of attaching", "number", { min = 0, max = 1 }),
		f("proposed", "疑似同一事件", "Perhaps the same event", "ref", { ref = "event", filter = true }),
	},
	checks = { { field = "place", fn = function(x)
		if not x.record.place and not x.record.object then
			return bad("位置与对象至少写一样", "a place or an object is needed")
		end
		return true
	end }, { field = "source_kind", fn = function(x)
		if x.record.source_kind == "complaint" and not x.record.text then
			return bad("投诉须写明反映的内容", "a complaint needs its words")
		end
		return true
	end } },
	relations = { { id = "event", to = "event", via = "event", title = { zh = "所属事件", en = "Event" } } },
	rights = SIGNAL_RIGHTS,
}

record "event" {
	title = { zh = "事件", en = "Event" }, family = "events", label = "internal", title_field = "title", area = "admin_area", geometry = "place", history = true,
	number = { format = "SJ{date}{area}{n:4}", field = "no" },
	fields = {
		f("no", "编号", "Number", "text", { unique = true, list = true, search = true }),
		f("title", "标题", "Title", "text", { required = true, max = 160, list = true, search = true }),
		pick("nature", "性质", "Nature", NATURES, { required = true, list = true, filter = true }),
		f("place", "位置", "Place", "point", {}),
		f("object", "对象", "Object", "text", { max = 80, filter = true }),
		f("object_name", "对象名称", "Name of the object", "text", { max = 120, search = true }),
		f("admin_area", "管辖区", "Answering office", "area", { list = true, filter = true }),
		f("first_seen", "首现", "First seen", "time", { required = true, list = true }),
		f("last_seen", "末现", "Last seen", "time", { required = true }),
		f("found_at", "发现", "Found at", "time", { required = true }),
		f("factors", "因子", "Factors", "text", { max = 200 }),
		f("by_hand", "人工分合过", "Merged or parted by hand", "bool", { default = false, help = { zh = "之后不再自动重新分组", en = "not grouped anew by the machine any more" } }),
		f("signals", "线索数", "Signals", "integer", { min = 0, list = true }),
		f("sources", "来源", "Sources", "text", { max = 200, choices = pick("", "", "", SOURCES).choices }),
		pick("grade", "等级", "Grade", GRADES, { required = true, list = true, filter = true }),
		f("computed_grade", "计算等级", "Computed grade", "text", { max = 2, choices = pick("", "", "", GRADES).choices }),
		f("points", "得分", "Points", "number", { min = -10, max = 100 }),
		f("reasons", "分级理由", "Reasons of the grade", "list", { fields = {
			f("item", "项目", "Item", "text", { max = 40 }), f("points", "分", "Points", "number", {}), f("fact", "事实", "Fact", "text", { max = 200 }) } }),
		f("grade_reason", "改级理由", "Why the grade was changed", "text", { max = 300 }),
		f("sensitive", "敏感点", "Sensitive place", "choice", { choices = {
			{ code = "none", zh = "无", en = "None" }, { code = "school_hospital", zh = "500 米内学校医院", en = "School, hospital within 500 m" },
			{ code = "intake_near", zh = "下游 10 公里内取水口", en = "Intake within 10 km downstream" }, { code = "intake_day", zh = "24 小时内到取水口", en = "Intake within a day" },
			{ code = "red_line", zh = "生态红线", en = "Red line" }, { code = "source_zone", zh = "饮用水源保护区", en = "Drinking-water zone" } }, default = "none" }),
		f("casualties", "有人员伤亡", "Casualties", "bool", { default = false }),
		f("key_unit", "重点单位", "Key unit", "bool", { default = false }),
		f("attention", "舆情关注分", "Public attention", "number", { min = 0, max = 10, default = 0 }),
		pick("reject_code", "不予立案原因", "Why rejected", { { "false_alarm", "误报", "False alarm" }, { "device", "设备故障", "Device" }, { "maintenance", "运维", "Maintenance" },
			{ "duplicate", "重复", "Duplicate" }, { "not_ours", "非本局职责", "Not ours" }, { "weather", "天气", "Weather" }, { "test", "测试", "Test" } }, {}),
		f("reject_text", "不予立案说明", "Words on the rejection", "text", { max = 400 }),
		f("merge_into", "并入事件", "Merged into", "ref", { ref = "event", help = { zh = "较早发现的一件；线索随之移过去", en = "the one found earlier; the signals move there" } }),
		f("observe_h", "观察小时", "Hours of observing", "integer", { min = 1, max = 720 }),
		f("owner", "主办", "Owner", "text", { max = 60 }),
		f("assignees", "承办人", "Assignees", "list", { fields = {
			f("user", "账号", "Account", "text", { max = 60 }), f("name", "姓名", "Name", "text", { max = 60 }), pick("post", "岗位", "Post", POSTS, {}),
			f("why", "为何是他", "Why this person", "text", { max = 200 }) } }),
		f("procedure", "作业规程", "Procedure", "ref", { ref = "procedure" }),
		f("arrived_at", "到场时间", "Arrived at", "time", {}),
		f("arrived_place", "到场位置", "Place of arrival", "point", {}),
		f("arrived_reason", "未到 300 米内的理由", "Why not within 300 m", "text", { max = 200 }),
		f("findings", "现场情况", "What was found", "longtext", { max = 4000 }),
		f("options", "可选措施", "Options", "list", { fields = {
			f("option", "措施", "Option", "text", { max = 200 }), f("effect", "效果与代价", "Effect and cost", "text", { max = 200 }) } }),
		f("chosen", "决定", "Decision", "text", { max = 400 }),
		f("basis", "依据", "Basis", "text", { max = 200, help = { zh = "条款或预案", en = "clause or plan" } }),
		f("signer", "签发人", "Signer", "text", { max = 60 }),
		f("objection", "不同意见", "Objection", "text", { max = 400 }),
		pick("cause", "原因", "Cause", { { "process", "生产工况", "Process" }, { "facility", "治污设施", "Treatment" }, { "equipment", "监测设备", "Equipment" },
			{ "human", "人为", "Human" }, { "illegal", "违法排放", "Illegal discharge" }, { "weather", "天气", "Weather" }, { "unknown", "未查明", "Unknown" } }, {}),
		f("affected", "影响", "Affected", "text", { max = 300 }),
		f("measure", "采取的措施", "Measure", "text", { max = 400 }),
		f("measure_at", "措施完成", "Measure done", "time", {}),
		f("site", "站点", "Site", "integer", { link = "site" }),
		f("clean_hours", "措施后连续达标小时", "Hours under the limit since the measure", "integer", { min = 0, help = { zh = "由监测数据自动数", en = "counted from the observations" } }),
		f("stop_mark", "停产标记", "Stop mark", "bool", { default = false }),
		f("statement", "企业说明已签", "Enterprise statement signed", "bool", { default = false }),
		f("callback", "已回访报告人", "Reporter called back", "bool", { default = false }),
		f("samples", "样品编号", "Sample numbers", "text", { max = 200 }),
		f("sample_result", "检测结果", "Result", "text", { max = 300 }),
		f("waste", "废物判别", "Waste identified", "text", { max = 200 }),
		f("manifest", "清运联单", "Manifest", "text", { max = 80 }),
		f("noise_leq", "噪声测量值", "Measured Leq", "number", { unit = "dB", min = 0, max = 150 }),
		f("inspection", "检查单号", "Inspection number", "text", { max = 60 }),
		f("first_good", "恢复首帧", "First good frame", "time", {}),
		f("backfilled", "补传条数", "Frames fetched back", "integer", { min = 0 }),
		f("moved_to", "转入案件", "Moved to", "text", { max = 80 }),
		f("returns", "退回次数", "Returns", "integer", { min = 0, default = 0 }),
		f("cleared_at", "告警解除", "Alarm over", "time", { help = { zh = "处置途中数据恢复；办不办由人定", en = "the data came back during the handling; people decide" } }),
		f("recurrence", "同类复发自", "Recurrence of", "ref", { ref = "event" }),
		f("machine_score", "自动评价", "Automatic evaluation", "list", { fields = {
			f("item", "项目", "Item", "text", { max = 40 }), f("score", "分", "Score", "number", {}), f("fact", "事实", "Fact", "text", { max = 200 }) } }),
		f("cause_right", "原因查得对", "Cause right", "integer", { min = 0, max = 5 }),
		f("measure_right", "措施得当", "Measure right", "integer", { min = 0, max = 5 }),
		f("communication", "沟通", "Communication", "integer", { min = 0, max = 5 }),
		pick("truth", "线索真实", "True", { { "true", "属实", "True" }, { "false", "不实", "False" }, { "unsure", "不能确定", "Unsure" } }, { filter = true }),
		f("score", "评价分", "Score", "number", { min = 0, max = 100, list = true }),
		f("lesson_none", "无须改进的理由", "Why no lesson", "text", { max = 300 }),
		f("lesson", "教训", "Lesson", "ref", { ref = "lesson" }),
	},
	relations = {
		{ id = "procedure", to = "procedure", via = "procedure", title = { zh = "作业规程", en = "Procedure" } },
		{ id = "recurrence", to = "event", via = "recurrence", title = { zh = "复发自", en = "Recurrence of" } },
	},
	rights = EVENT_RIGHTS,
}

-- 拆分：一件事件里其实是别的事的线索拆出去；写下之后不改 parting: signals that are another matter leave an event; written once
record "parting" {
	title = { zh = "事件拆分", en = "Parting of an event" }, family = "events", label = "internal", title_field = "title", area = "admin_area", history = true,
	fields = {
		f("title", "名称", "Name", "text", { max = 200, list = true, compute = function(x)
			local e = get("event", x.record.event)
			return "拆分 " .. (e and (e.no or e.title) or "")
		end }),
		f("event", "从哪件拆出", "Parted from", "ref", { ref = "event", required = true, list = true, filter = true }),
		f("signals", "拆出的线索", "Signals", "refs", { ref = "signal", required = true }),
		f("reason", "理由", "Why", "text", { required = true, max = 300, list = true }),
		f("made", "成为", "Became", "ref", { ref = "event", list = true, help = { zh = "原来并进来的一件重开，否则另立一件", en = "the one that was merged is opened again, else a new one" } }),
		f("admin_area", "管辖区", "Answering office", "area", { filter = true, list = true, compute = function(x)
			local e = get("event", x.record.event)
			return e and e.admin_area
		end }),
	},
	checks = { { field = "signals", fn = function(x)
		return x.old and true or parting_fits(x.record)
	end } },
	relations = { { id = "event", to = "event", via = "event", title = { zh = "从哪件拆出", en = "Parted from" } } },
	rights = { leader_city = "R all", leader_district = "R area", duty_city = "RC all", duty_district = "RC area", monitor_eng = "R all", monitor_district = "R area",
		enforce_lead = "R area", enforce_officer = "R area", line_dept = "R all", town_grid = "R area", data_engineer = "R all" },
}

record "procedure" {
	title = { zh = "作业规程", en = "Procedure" }, family = "events", label = "internal", title_field = "title", history = true,
	fields = {
		f("title", "名称", "Name", "text", { required = true, max = 120, list = true, search = true }),
		pick("nature", "性质", "Nature", NATURES, { required = true, list = true, filter = true }),
		f("version", "版本", "Version", "integer", { required = true, min = 1, list = true }),
		f("steps", "步骤", "Steps", "longtext", { required = true, max = 4000, help = { zh = "一行一步", en = "one step a line" } }),
		f("danger", "安全提示", "Safety", "text", { max = 300 }),
		f("call", "联系电话", "Whom to call", "text", { max = 200 }),
		f("law", "依据", "Law", "text", { max = 200 }),
		f("valid_from", "生效", "From", "date", { required = true }),
		f("valid_to", "失效", "To", "date", {}),
	},
	rights = RULE_RIGHTS,
}

record "shift" {
	title = { zh = "值守", en = "Duty shift" }, family = "events", label = "internal", title_field = "name", area = "admin_area", history = true,
	fields = {
		f("user", "账号", "Account", "text", { required = true, max = 60, filter = true }),
		f("name", "姓名", "Name", "text", { required = true, max = 60, list = true, search = true }),
		pick("post", "岗位", "Post", POSTS, { required = true, list = true, filter = true }),
		f("admin_area", "管辖区", "Answering office", "area", { list = true, filter = true, help = { zh = "空为全市", en = "empty: the whole city" } }),
		f("from", "自", "From", "time", { required = true, list = true, filter = true }),
		f("to", "至", "To", "time", { required = true, list = true, filter = true }),
		f("substitute", "替班账号", "Substitute", "text", { max = 60 }),
		f("skills", "专长", "Skills", "text", { max = 120, help = { zh = "性质的代码，以空格分开", en = "codes of natures, separated by blanks" } }),
		f("certificate_to", "执法证有效期至", "Certificate valid to", "date", {}),
		f("on_leave", "请假", "On leave", "bool", { default = false }),
		f("avoid", "回避的对象", "Conflicts of interest", "text", { max = 200 }),
		f("open_load", "在办事件", "Open events", "integer", { min = 0, default = 0 }),
	},
	checks = { { field = "to", fn = function(x)
		if x.record.to <= x.record.from then
			return bad("结束须晚于开始", "must end after it begins")
		end
		return true
	end } },
	rights = ROSTER_RIGHTS,
}

-- 交接班：在办事项随签字写进记录，之后不变 hand-over: the open matters are written down with the signature
record "handover" {
	title = { zh = "交接班", en = "Hand-over" }, family = "events", label = "internal", title_field = "title", area = "admin_area", history = true,
	fields = {
		f("title", "名称", "Name", "text", { max = 120, list = true, compute = function(x)
			local r = x.record
			return (r.shift_from or ""):sub(1, 10) .. " " .. (r.shift_from or ""):sub(12, 16) .. "–" .. (r.shift_to or ""):sub(12, 16) .. " 交接班"
		end }),
		f("admin_area", "管辖区", "Answering office", "area", { filter = true, list = true, help = { zh = "空为全市", en = "empty: the whole city" } }),
		f("shift_from", "班次自", "Shift from", "time", { required = true, list = true, filter = true }),
		f("shift_to", "至", "To", "time", { required = true, list = true }),
		f("outgoing", "交班人", "Outgoing", "text", { max = 60, list = true }),
		f("outgoing_at", "交班签字", "Signed out", "time", {}),
		f("incoming", "接班人", "Incoming", "text", { max = 60, list = true }),
		f("incoming_at", "接班签字", "Signed in", "time", { list = true }),
		f("notes", "交班说明", "Notes", "longtext", { max = 4000, help = { zh = "要盯住的事、待回的电话、设备与天气", en = "what to watch, calls to return, devices, weather" } }),
		f("remarks", "接班意见", "Remarks", "text", { max = 400 }),
		f("open_n", "在办事件", "Open events", "integer", { min = 0, list = true }),
		f("unconfirmed_n", "其中未确认", "Of them unconfirmed", "integer", { min = 0, list = true }),
		f("matters", "在办清单", "Open matters", "list", { fields = {
			f("event", "事件", "Event", "text", { max = 40 }), f("no", "编号", "Number", "text", { max = 40 }), f("title", "标题", "Title", "text", { max = 160 }), f("grade", "等级", "Grade", "text", { max = 2 }),
			f("state", "环节", "State", "text", { max = 40 }), f("due", "期限", "Due", "text", { max = 40 }), f("owner", "主办", "Owner", "text", { max = 60 }) } }),
	},
	checks = { { field = "shift_to", fn = function(x)
		if time_diff(x.record.shift_to, x.record.shift_from) <= 0 then
			return bad("结束须晚于开始", "must end after it begins")
		end
		return true
	end } },
	rights = { duty_city = "RCUF all", duty_district = "RCUF area", leader_city = "R all", leader_district = "R area", line_dept = "R all" },
}

-- 应急复盘 after-review of an emergency（reviewing.lua）
record "after_review" {
	title = { zh = "应急复盘", en = "After-review" }, family = "events", label = "internal", title_field = "title", area = "admin_area", history = true,
	fields = {
		f("title", "名称", "Name", "text", { max = 200, list = true, search = true, compute = function(x)
			local e = get("event", x.record.event)
			return "复盘 " .. (e and ((e.no or "") .. " " .. e.title) or "")
		end }),
		f("event", "事件", "Event", "ref", { ref = "event", required = true, unique = true, filter = true }),
		f("why", "为何复盘", "Why", "text", { max = 100, list = true }),
		pick("grade", "等级", "Grade", GRADES, { list = true, filter = true }),
		f("admin_area", "管辖区", "Answering office", "area", { filter = true, list = true, compute = function(x)
			local e = get("event", x.record.event)
			return e and e.admin_area
		end }),
		f("course", "经过", "Course", "list", { fields = {
			f("state", "环节", "Stage", "text", { max = 40 }), f("minutes", "发现后分钟", "Minutes after", "integer", { min = 0 }), f("who", "何人", "Who", "text", { max = 60 }) },
			help = { zh = "由处置记录排出", en = "from the record of the handling" } }),
		f("facts", "核对后的经过", "Course as checked", "longtext", { max = 4000 }),
		f("meeting_on", "复盘会日期", "Day of the meeting", "date", { list = true }),
		f("attendees", "参加人", "Attendees", "text", { max = 400 }),
		f("good", "做得对的", "What went well", "longtext", { max = 2000 }),
		f("wrong", "做得不对的", "What went wrong", "longtext", { max = 2000 }),
		f("measures", "改进措施", "Measures", "list", { fields = {
			f("measure", "措施", "Measure", "text", { max = 200, required = true }), f("who", "责任人", "Who", "text", { max = 60, required = true }), f("due", "期限", "Due", "date", { required = true }),
			f("done_on", "办结日期", "Done on", "date", {}), f("proof", "凭据", "Proof", "text", { max = 200 }) } }),
		f("no_measure", "无须改进的理由", "Why none", "text", { max = 300 }),
		f("checked_by", "核查人", "Checked by", "text", { max = 60 }),
	},
	relations = { { id = "event", to = "event", via = "event", title = { zh = "事件", en = "Event" } } },
	rights = { leader_city = "RF all", leader_district = "RF area", duty_city = "RCUF all", duty_district = "RCUF area", line_dept = "RCUF all", monitor_eng = "R all",
		enforce_lead = "R area", enforce_officer = "R area" },
}

record "lesson" {
	title = { zh = "教训", en = "Lesson" }, family = "events", label = "internal", title_field = "title", history = true,
	fields = {
		f("title", "名称", "Name", "text", { required = true, max = 160, list = true, search = true }),
		f("event", "由事件", "From the event", "ref", { ref = "event", required = true }),
		f("rule", "改哪条规则", "Rule", "ref", { ref = "nature_rule", required = true }),
		pick("parameter", "参数", "Parameter", { { "radius_m", "归并距离", "Radius of merging" }, { "window_h", "归并时限", "Window of merging" }, { "hazard", "危害分", "Points of hazard" } }, { required = true }),
		f("from", "原值", "From", "number", { required = true }),
		f("to", "新值", "To", "number", { required = true }),
		f("valid_from", "自何日", "From the day", "date", { required = true }),
		f("before", "回放 90 天：原规则事件数", "Replay of 90 days: events before", "integer", {}),
		f("after", "回放 90 天：新规则事件数", "Replay of 90 days: events after", "integer", {}),
		f("effect", "预期效果", "Expected effect", "text", { max = 300 }),
		f("approved_by", "批准人", "Approved by", "text", { max = 60 }),
		f("new_rule", "成为规则", "Became the rule", "ref", { ref = "nature_rule" }),
	},
	rights = { leader_city = "RF all", duty_city = "RC all", duty_district = "RC all", line_dept = "RCUF all", monitor_eng = "R all", enforce_lead = "R all" },
}
