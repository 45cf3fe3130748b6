-- 登记类型 record types

local PERSON = { purpose = { zh = "办理与送达", en = "Handling and delivery" }, basis = "行政许可法；个人信息保护法 13", keep_days = 3650, mask = "name", unmask = { "approve_handler" } }
local PHONE = { purpose = { zh = "办理与送达", en = "Handling and delivery" }, basis = "行政许可法；个人信息保护法 13", keep_days = 3650, mask = "phone", unmask = { "approve_handler" } }

record "approval_item" {
	title = { zh = "审批事项", en = "Item" }, family = "approvals", label = "public", title_field = "name", history = true,
	fields = {
		f("code", "事项编码", "Code", "text", { required = true, unique = true, max = 40, list = true, search = true }),
		f("name", "事项名称", "Name", "text", { required = true, max = 120, list = true, search = true }),
		pick("kind", "类别", "Kind", { { "permit", "行政许可", "Permit" }, { "confirm", "行政确认", "Confirmation" }, { "other", "其他行政权力", "Other power" },
			{ "service", "公共服务", "Service" }, { "filing", "备案", "Filing" } }, { required = true, filter = true, list = true }),
		pick("level", "办理层级", "Level", { { "city", "市", "City" }, { "district", "区", "District" }, { "both", "市区分级", "Both" } }, { required = true, filter = true, list = true }),
		f("basis", "法律依据", "Legal basis", "longtext", { required = true, max = 1000 }),
		f("who", "谁可以办", "Who may apply", "text", { required = true, max = 200 }),
		f("conditions", "受理条件", "Conditions", "longtext", { max = 1000 }),
		f("refused_when", "不予批准的情形", "Refused when", "longtext", { max = 1000 }),
		f("steps", "办理步骤", "Steps", "longtext", { max = 1000 }),
		f("legal_days", "法定时限", "Legal days", "integer", { required = true, min = 0, max = 120, list = true, unit = "天" }),
		f("promised_days", "承诺时限", "Promised days", "integer", { required = true, min = 0, max = 120, list = true, unit = "天" }),
		pick("day_kind", "日的算法", "Kind of days", { { "working", "工作日", "Working days" }, { "calendar", "日历日", "Calendar days" } }, { default = "working" }),
		f("outside", "不计入时限", "Outside the clock", "text", { max = 200 }),
		f("fee", "收费", "Fee", "text", { max = 60, default = "不收费" }),
		f("limit_standard", "判定用的标准", "Standard it is judged by", "text", { max = 40 }),
		f("result", "结果", "Result", "text", { max = 120 }),
		f("online", "全程网办", "Wholly online", "bool", { default = true, filter = true }),
		pick("course", "怎样办", "How it runs", { { "examined", "受理、审查、决定", "Examined" }, { "at_once", "当场备案", "Filed at once" }, { "own", "另有流程", "A flow of its own" },
			{ "guide", "只有指南", "Guide only" } }, { required = true, default = "guide", filter = true }),
		f("ask", "须填的事项", "What the form asks", "list", { fields = { pick("field", "字段", "Field", ASKED, { required = true }) } }),
		f("notice_accept_days", "受理公示", "Notice of acceptance", "integer", { min = 0, max = 60, unit = "工作日" }),
		f("notice_decide_days", "拟批公示", "Notice before the decision", "integer", { min = 0, max = 60, unit = "工作日" }),
		f("announced", "决定公开", "Decision is public", "bool", {}),
		f("simple_legal_days", "法定时限（简化管理）", "Legal days, simplified", "integer", { min = 0, max = 120, unit = "天" }),
		f("simple_promised_days", "承诺时限（简化管理）", "Promised days, simplified", "integer", { min = 0, max = 120, unit = "天" }),
		f("hotline", "咨询电话", "Hotline", "text", { max = 40 }),
		f("remedy", "救济途径", "Remedy", "text", { max = 200 }),
		f("faq", "常见问题", "Questions", "longtext", { max = 2000 }),
		f("version", "版本", "Version", "integer", { required = true, min = 1 }),
		f("valid_from", "施行", "From", "date", { required = true }),
		f("mark", "核对标记", "Mark", "text", { max = 40, help = { zh = "G = 须与文本核对", en = "G = confirm with the text" } }),
	},
	checks = { { field = "promised_days", fn = function(x)
		if x.record.promised_days > x.record.legal_days then
			return bad("承诺时限不得长于法定时限", "promised may not be longer than legal")
		end
		return true
	end } },
	rights = GUIDE_RIGHTS,
}

record "approval_material" {
	title = { zh = "申请材料", en = "Material" }, family = "approvals", label = "public", title_field = "name", history = true,
	fields = {
		f("key", "编号", "Key", "text", { required = true, unique = true, max = 60 }),
		f("item", "事项", "Item", "ref", { ref = "approval_item", required = true, filter = true }),
		f("code", "附件种类", "Kind of the file", "text", { required = true, max = 40, list = true }),
		f("name", "名称", "Name", "text", { required = true, max = 120, list = true, search = true }),
		pick("need", "要求", "Need", { { "must", "必要", "Must" }, { "may", "非必要", "May" } }, { required = true, list = true }),
		pick("source", "来源", "Source", { { "applicant", "申请人", "Applicant" }, { "shared", "共享核验，不得要求提交", "Shared, never asked for" } }, { required = true, list = true }),
		pick("only", "何时需要", "When it is needed", { { "key", "重点管理", "Key units" }, { "report", "须论证报告的行业或有毒物质", "Trades that need a report" }, { "brief", "不须论证报告", "No report needed" } }, {}),
	},
	relations = { { id = "item", to = "approval_item", via = "item", title = { zh = "事项", en = "Item" } } },
	rights = GUIDE_RIGHTS,
}

record "ban_window" {
	title = { zh = "夜间施工禁止时段", en = "Ban on night work" }, family = "approvals", label = "public", title_field = "name", history = true,
	fields = {
		f("name", "名称", "Name", "text", { required = true, max = 80, list = true }),
		f("from", "自", "From", "date", { required = true, list = true }),
		f("to", "至", "To", "date", { required = true, list = true }),
		f("place", "考点等中心", "Centre", "point", {}),
		f("radius_m", "半径", "Radius", "number", { min = 0, unit = "m" }),
		f("forbidden", "禁用机械", "Forbidden machines", "text", { max = 200 }),
		f("exempt", "例外工序", "Exempt processes", "text", { max = 200 }),
		f("basis", "依据", "Basis", "text", { required = true, max = 200 }),
	},
	rights = GUIDE_RIGHTS,
}

record "night_work" {
	title = { zh = "夜间施工申请", en = "Application for night work" }, family = "approvals", label = "internal", title_field = "project", area = "admin_area", org = "credit_code",
	geometry = "place", number = { format = "YJ{date}{area}{n:4}", field = "no" }, history = true,
	fields = {
		f("no", "申请编号", "Number", "text", { unique = true, list = true, search = true }),
		f("item", "事项", "Item", "ref", { ref = "approval_item", required = true }),
		f("project", "工程名称", "Project", "text", { required = true, max = 120, list = true, search = true }),
		f("licence", "施工许可证编号", "Construction licence", "text", { required = true, max = 60 }),
		f("contractor", "施工单位", "Contractor", "text", { required = true, max = 120, list = true, search = true }),
		f("credit_code", "统一社会信用代码", "Credit code", "text", { required = true, check = "credit_code", search = true }),
		f("manager", "项目负责人", "Manager", "text", { required = true, max = 40, personal = PERSON }),
		f("phone", "联系电话", "Phone", "text", { required = true, max = 20, personal = PHONE }),
		f("place", "工地位置", "Place", "point", { required = true }),
		f("admin_area", "管辖区", "Answering office", "area", { list = true, filter = true, compute = function(x)
			return x.record.place and area_of(x.record.place.coordinates[1], x.record.place.coordinates[2])
		end }),
		pick("process", "工序", "Process", { { "pour", "混凝土连续浇筑", "Continuous pouring" }, { "pile", "桩基灌注", "Piles" }, { "shield", "盾构、矿山法", "Tunnelling" },
			{ "lift", "大型构件吊装运输", "Heavy lifting" }, { "road", "道路交通管制窗口", "Road closure" }, { "rescue", "抢修抢险", "Rescue" } }, { required = true, list = true, filter = true }),
		f("evidence", "必须连续作业的理由", "Why it must go on", "longtext", { required = true, max = 1000 }),
		f("nights", "夜间作业日期", "Nights", "list", { required = true, fields = { f("night", "夜", "Night", "date", {}), f("from", "自", "From", "text", { max = 5 }), f("to", "至", "To", "text", { max = 5 }) } }),
		f("machines", "机械", "Machines", "list", { required = true, fields = { f("kind", "种类", "Kind", "text", { max = 40 }), f("count", "台数", "Count", "integer", { min = 1 }),
			f("level", "声级", "Level", "number", { unit = "dB", min = 30, max = 140 }), f("at_m", "测距", "At", "number", { unit = "m", min = 0.5 }) } }),
		f("facade_m", "最近住户距离", "Nearest facade", "number", { required = true, unit = "m", min = 1 }),
		f("barrier_db", "隔声降低", "Barrier", "number", { unit = "dB", min = 0, max = 15, default = 0 }),
		f("measures", "降噪措施", "Measures", "longtext", { max = 1000 }),
		f("facade_db", "住户处预计声级", "Level at the facade", "number", { unit = "dB", decimals = 1, compute = function(x)
			return facade_level(x.record)
		end }),
		f("correction", "一次告知补正", "Correction asked for, once", "longtext", { max = 1000 }),
		f("accepted_at", "受理日", "Accepted on", "date", {}),
		f("silent", "默认受理", "Accepted by silence", "bool", { default = false }),
		f("opinion", "审查意见", "Opinion", "longtext", { max = 1000 }),
		f("refusal", "不予批准的事实与条款", "Facts and clause of the refusal", "longtext", { max = 1000 }),
		f("proof_no", "证明编号", "Number of the proof", "text", { max = 60, search = true }),
		f("delivered_at", "送达", "Delivered", "time", {}),
		f("stars", "满意度", "Satisfaction", "integer", { min = 1, max = 5, help = { zh = "5 非常满意，1 非常不满意", en = "5 best, 1 worst" } }),
		f("rating_text", "评价", "Words", "text", { max = 400 }),
		f("callback", "回访与整改", "Call-back and remedy", "text", { max = 400 }),
	},
	checks = { { field = "nights", fn = function(x)
		local most = 3
		if #x.record.nights > most then
			return bad("一次申请不超过 " .. most .. " 夜", "at most " .. most .. " nights in one application")
		end
		return true
	end } },
	relations = { { id = "item", to = "approval_item", via = "item", title = { zh = "事项", en = "Item" } } },
	rights = APPROVAL_RIGHTS,
}

-- 须作论证报告的行业（入河排污口监督管理办法，domain 已见文本） trades whose outlets need the argument report
local TRADES = { { "paper", "造纸", "Paper" }, { "coking", "焦化", "Coking" }, { "fertiliser", "氮肥", "Nitrogen fertiliser" }, { "chemical", "化工", "Chemicals" }, { "dyeing", "印染", "Dyeing" },
	{ "food", "农副食品加工", "Farm food" }, { "leather", "制革", "Leather" }, { "plating", "电镀", "Electroplating" }, { "metallurgy", "冶金", "Metallurgy" }, { "nonferrous", "有色金属", "Non-ferrous" },
	{ "pharma", "原料药制造", "Raw pharmaceuticals" }, { "pesticide", "农药", "Pesticides" }, { "other", "其他", "Other" } }

record "application" {
	title = { zh = "审批申请", en = "Application" }, family = "approvals", label = "internal", title_field = "project", area = "admin_area", org = "credit_code",
	geometry = "place", number = { format = "SQ{date}{area}{n:4}", field = "no" }, history = true,
	fields = {
		f("no", "申请编号", "Number", "text", { unique = true, list = true, search = true }),
		f("item", "事项", "Item", "ref", { ref = "approval_item", required = true, filter = true, list = true }),
		f("project", "项目（申请内容）", "Project", "text", { required = true, max = 120, list = true, search = true }),
		pick("applicant_kind", "申请人", "Applicant is", { { "unit", "单位", "A unit" }, { "person", "个人", "A person" } }, { required = true, default = "unit" }),
		f("applicant", "申请单位", "Applicant", "text", { max = 120, list = true, search = true, when = function(x) return x.record.applicant_kind ~= "person" end }),
		f("person", "申请人姓名", "Name", "text", { max = 40, personal = PERSON, when = function(x) return x.record.applicant_kind == "person" end }),
		f("credit_code", "统一社会信用代码", "Credit code", "text", { check = "credit_code", search = true, when = function(x) return x.record.applicant_kind ~= "person" end }),
		f("contact", "联系人", "Contact", "text", { required = true, max = 40, personal = PERSON }),
		f("phone", "联系电话", "Phone", "text", { required = true, max = 20, personal = PHONE }),
		f("place", "位置", "Place", "point", {}),
		f("district", "受理的区", "District asked", "area", { help = { zh = "没有位置的事项由申请人选", en = "where there is no place" } }),
		f("admin_area", "管辖区", "Answering office", "area", { list = true, filter = true, compute = function(x)
			return x.record.place and area_of(x.record.place.coordinates[1], x.record.place.coordinates[2]) or x.record.district
		end }),
		f("project_code", "投资项目代码", "Code of the project", "text", { max = 40 }),
		pick("trade", "行业", "Trade", TRADES, {}),
		f("toxic", "排放放射性、重金属或有毒物质", "Radioactive, heavy-metal or toxic discharge", "bool", { default = false }),
		pick("manage_class", "许可管理类别", "Permit class", { { "key", "重点管理", "Key" }, { "simple", "简化管理", "Simplified" } }, {}),
		f("disclosed_on", "申请前公开起始日", "Disclosed since", "date", {}),
		pick("change_kind", "办理种类", "What is asked", { { "change", "变更", "Change" }, { "renew", "延续", "Renewal" }, { "cancel", "注销", "Cancel" }, { "reissue", "补办", "Reissue" } }, {}),
		f("permit_no", "许可证编号", "Permit", "text", { max = 40, search = true }),
		f("permit_expiry", "许可证有效期至", "Permit expires", "date", {}),
		f("river", "受纳水体", "River", "text", { max = 60 }),
		pick("outlet_way", "排放方式", "Way of discharge", { { "continuous", "连续", "Continuous" }, { "intermittent", "间歇", "Intermittent" } }, {}),
		f("flow_m3d", "日排放量", "Flow", "number", { unit = "m³/d", min = 0 }),
		f("request", "所需信息", "What is asked for", "longtext", { max = 2000 }),
		f("finding", "机器核查", "Found by the machine", "text", { max = 300, compute = function(x) return finding_of(x.record) end }),
		f("correction", "一次告知补正", "Correction asked for, once", "longtext", { max = 1000 }),
		f("accepted_at", "受理日", "Accepted on", "date", {}),
		f("silent", "默认受理", "Accepted by silence", "bool", { default = false }),
		f("accept_notice_to", "受理公示至", "Notice of acceptance until", "date", {}),
		f("proposed_notice_to", "拟批公示至", "Notice before the decision until", "date", {}),
		f("objections", "公示期意见", "Objections", "list", { fields = { f("text", "意见", "Words", "text", { required = true, max = 500 }), f("answer", "答复", "Answer", "text", { max = 500 }) } }),
		f("opinion", "审查意见", "Opinion", "longtext", { max = 2000 }),
		f("conditions", "批准条件", "Conditions", "longtext", { max = 2000 }),
		f("refusal", "不予批准的事实与条款", "Facts and clause of the refusal", "longtext", { max = 1000 }),
		f("result_no", "结果编号", "Number of the result", "text", { max = 60, search = true, list = true }),
		f("decided_at", "决定日", "Decided on", "date", {}),
		f("delivered_at", "送达", "Delivered", "time", {}),
		f("stars", "满意度", "Satisfaction", "integer", { min = 1, max = 5, help = { zh = "5 非常满意，1 非常不满意", en = "5 best, 1 worst" } }),
		f("rating_text", "评价", "Words", "text", { max = 400 }),
		f("callback", "回访与整改", "Call-back and remedy", "text", { max = 400 }),
	},
	relations = { { id = "item", to = "approval_item", via = "item", title = { zh = "事项", en = "Item" } } },
	rights = APPROVAL_RIGHTS,
}

-- 公示：公众不登录可读，个人只写姓氏 notices: for everybody; of a person only the surname
record "approval_notice" {
	title = { zh = "审批公示", en = "Notice of an approval" }, family = "approvals", label = "public", title_field = "project", history = true,
	fields = {
		f("application", "申请编号", "Application", "text", { required = true, max = 40, list = true, filter = true }),
		f("item", "事项", "Item", "text", { required = true, max = 120, list = true }),
		pick("stage", "公示", "Notice", { { "accepted", "受理公示", "Of acceptance" }, { "proposed", "拟批公示", "Before the decision" }, { "decided", "决定公告", "Of the decision" }, { "filed", "备案公开", "Of the filing" } },
			{ required = true, list = true, filter = true }),
		f("project", "项目", "Project", "text", { required = true, max = 120, list = true, search = true }),
		f("applicant", "申请人", "Applicant", "text", { max = 120, list = true }),
		f("from", "自", "From", "date", { required = true, list = true }),
		f("to", "至", "Until", "date", { list = true }),
		f("result_no", "结果编号", "Number", "text", { max = 60 }),
	},
	rights = { citizen = "R all", leader_city = "R all", leader_district = "R all", approve_window = "R all", approve_handler = "R all", approve_chief = "R all", ent_manager = "R all", ent_operator = "R all" },
}
