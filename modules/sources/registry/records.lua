-- 登记类型 record types

local function person(mask, zh, en)
	return { purpose = { zh = zh, en = en }, basis = "个人信息保护法 13", keep_days = 3650, mask = mask, unmask = { "enforce_officer", "enforce_lead" } }
end

record "legal_person" {
	title = { zh = "法人", en = "Legal person" }, family = "registry", label = "internal", title_field = "name", area = "admin_area", org = "credit_code", history = true,
	fields = {
		f("name", "名称", "Name", "text", { required = true, max = 120, list = true, search = true }),
		f("credit_code", "统一社会信用代码", "Credit code", "text", { unique = true, list = true, search = true, check = "credit_code",
			help = { zh = "18 位，末位为校验字符；没有登记的小作坊填临时编号并写明理由", en = "18 characters with a check character" } }),
		f("temp_no", "临时编号", "Temporary number", "text", { max = 40 }),
		f("temp_reason", "没有代码的理由", "Why there is no code", "text", { max = 200 }),
		pick("kind", "类别", "Kind", { { "company", "企业", "Company" }, { "self_employed", "个体工商户", "Self-employed" },
			{ "institution", "事业单位", "Institution" }, { "hospital", "医院", "Hospital" }, { "farm", "养殖场", "Farm" },
			{ "government", "机关", "Government" }, { "military_no_detail", "涉军单位", "Military unit" } }, { required = true, filter = true }),
		f("legal_rep", "法定代表人", "Legal representative", "text", { max = 60, personal = person("name", "联系与送达", "Contact and service") }),
		f("phone", "联系电话", "Phone", "text", { max = 20, personal = person("phone", "联系与送达", "Contact and service") }),
		f("address", "住所", "Registered address", "text", { max = 200 }),
		pick("status", "登记状态", "Status", { { "open", "存续", "Open" }, { "revoked", "吊销", "Revoked" }, { "cancelled", "注销", "Cancelled" },
			{ "moved_out", "迁出", "Moved out" }, { "bankrupt", "破产", "Bankrupt" } }, { required = true, default = "open", filter = true, list = true }),
		f("admin_area", "管辖区", "Answering office", "area", { required = true, filter = true }),
	},
	checks = { { field = "credit_code", fn = function(x)
		local r = x.record
		if not r.credit_code and not (r.temp_no and r.temp_reason) then
			return bad("须有统一社会信用代码；未登记的小作坊填临时编号与理由", "a credit code, or a temporary number with its reason")
		end
		return true
	end } },
	rights = REGISTRY_RIGHTS,
}

record "discharger" {
	title = { zh = "排污单位", en = "Discharger" }, family = "registry", label = "internal", title_field = "name", area = "admin_area",
	org = "credit_code", geometry = "place", history = true,
	number = { format = "3201S{n:7}", field = "source_code" },
	fields = {
		f("source_code", "污染源编码", "Source code", "text", { unique = true, list = true, search = true,
			help = { zh = "自动编号，不重用", en = "given by the system, never used again" } }),
		f("name", "单位名称", "Name", "text", { required = true, max = 120, list = true, search = true, check = function(x)
			if x.value:find("%s") then
				return bad("名称中不得有空白", "no blanks inside the name")
			end
			return true
		end }),
		f("short_name", "简称", "Short name", "text", { max = 60, search = true }),
		f("alias", "别名与旧编码", "Aliases and old codes", "list", { fields = { f("code", "编码", "Code", "text", { max = 60 }) } }),
		f("operator", "经营者", "Operator", "ref", { ref = "legal_person" }),
		f("credit_code", "统一社会信用代码", "Credit code", "text", { list = true, search = true, check = "credit_code" }),
		f("legal_rep", "法定代表人", "Legal representative", "text", { max = 60, personal = person("name", "联系与送达", "Contact and service") }),
		f("phone", "环保联系电话", "Environmental contact", "text", { max = 20, personal = person("phone", "联系与送达", "Contact and service") }),
		f("contact_confirmed", "联系人核实日", "Contact confirmed on", "date", {}),
		f("address", "地址", "Address", "text", { required = true, max = 200, search = true }),
		f("place", "中心点", "Centre", "point", { required = true }),
		f("boundary", "厂界", "Boundary", "polygon", {}),
		pick("precision", "定位方式", "Position by", { { "survey", "测绘", "Survey" }, { "gps", "卫星定位", "GPS" }, { "map_click", "图上点选", "Map click" },
			{ "geocode", "地址推算（位置存疑）", "Geocoded (doubtful)" } }, { default = "map_click" }),
		f("admin_area", "管辖区", "Answering office", "area", { required = true, list = true, filter = true }),
		f("town", "街道", "Town", "text", { max = 40 }),
		f("park", "园区", "Park", "text", { max = 60, filter = true }),
		f("industry", "行业", "Industry", "code", { codes = "industries", required = true, list = true, filter = true }),
		pick("manage_class", "许可管理类别", "Permit class", { { "key", "重点管理", "Key" }, { "simple", "简化管理", "Simplified" }, { "register", "登记管理", "Registration" },
			{ "none", "不纳入", "None" } }, { required = true, list = true, filter = true }),
		pick("draw_class", "抽查类别", "Inspection class", { { "key", "重点", "Key" }, { "general", "一般", "General" }, { "special", "特殊监管", "Special" } },
			{ default = "general", filter = true }),
		f("key_lists", "重点单位名录", "Key lists", "choices", { choices = {
			{ code = "water", zh = "水环境", en = "Water" }, { code = "air", zh = "大气", en = "Air" }, { code = "soil", zh = "土壤", en = "Soil" },
			{ code = "noise", zh = "噪声", en = "Noise" }, { code = "risk", zh = "环境风险", en = "Risk" }, { code = "hazwaste", zh = "危废", en = "Hazardous waste" },
			{ code = "groundwater", zh = "地下水", en = "Groundwater" } }, filter = true }),
		pick("status", "状态", "Status", { { "planned", "拟建", "Planned" }, { "building", "在建", "Building" }, { "trial", "试运行", "Trial" }, { "running", "运行", "Running" },
			{ "seasonal_stop", "季节性停产", "Seasonal stop" }, { "stopped", "停产", "Stopped" }, { "closed", "关闭", "Closed" }, { "removed", "搬迁", "Removed" } },
			{ required = true, default = "running", list = true, filter = true }),
		f("status_from", "状态自", "Status since", "date", {}),
		f("status_evidence", "状态依据", "Evidence of the status", "text", { max = 200, when = function(x)
			return x.record.status == "closed" or x.record.status == "removed"
		end }),
		pick("credit", "环保信用", "Credit", { { "green", "绿", "Green" }, { "blue", "蓝", "Blue" }, { "yellow", "黄", "Yellow" }, { "red", "红", "Red" }, { "black", "黑", "Black" } }, { filter = true }),
		f("complaints_90d", "近 90 日投诉", "Complaints of 90 days", "integer", { min = 0 }),
		f("last_finding", "最近一次查出问题", "Last finding", "date", {}),
		f("positive_list", "正面清单", "Positive list", "bool", { default = false, filter = true }),
		f("run_hours", "日运行小时", "Hours a day", "number", { min = 0, max = 24 }),
		f("output", "产能", "Capacity", "list", { secret = "trade", fields = { f("product", "产品", "Product", "text", { max = 60 }),
			f("qty", "数量", "Quantity", "number", { min = 0 }), f("unit", "单位", "Unit", "text", { max = 20 }) } }),
		f("receiving_water", "受纳水体", "Receiving water", "text", { max = 60, filter = true }),
		f("into_plant", "接管污水厂", "Into plant", "text", { max = 60 }),
		f("meters", "电表与监测设备", "Meters and devices", "list", { fields = { f("no", "编号", "Number", "text", { max = 60 }) } }),
		f("permit_no", "许可证编号", "Permit number", "text", { max = 40, search = true }),
		f("eia_no", "环评批复", "EIA approval", "text", { max = 60 }),
	},
	relations = { { id = "operator", to = "legal_person", via = "operator", title = { zh = "经营者", en = "Operator" } } },
	duplicates = {
		block = { "credit_code", "phone", function(x) return geo_cell(x.record) end },
		score = function(x) return duplicate_score(flat(x.a), flat(x.b)) end,
		propose = 85, list = 60,
	},
	checks = { { field = "status_evidence", fn = function(x)
		local r = x.record
		if (r.status == "closed" or r.status == "removed") and not r.status_evidence then
			return bad("关闭、搬迁须写明依据", "a closing or removal needs its evidence")
		end
		return true
	end } },
	rights = REGISTRY_RIGHTS,
}

record "facility" {
	title = { zh = "设施", en = "Facility" }, family = "registry", label = "internal", title_field = "name", area = "admin_area", org = "owner", history = true,
	fields = {
		f("discharger", "排污单位", "Discharger", "ref", { ref = "discharger", required = true, filter = true }),
		f("code", "编号", "Code", "text", { required = true, max = 10, list = true, check = function(x)
			if not (x.value:match("^MF%d%d%d%d$") or x.value:match("^T[AWNS]%d%d%d$")) then
				return bad("编号写作 MF0001 或 TA001、TW001、TN001、TS001（HJ 608）", "MF0001, or TA001, TW001, TN001, TS001 (HJ 608)")
			end
			return true
		end }),
		f("name", "名称", "Name", "text", { required = true, max = 80, list = true, search = true }),
		pick("kind", "类别", "Kind", { { "production", "生产设施", "Production" }, { "treatment", "治理设施", "Treatment" } }, { required = true, filter = true }),
		f("process", "工艺", "Process", "text", { max = 80 }),
		f("capacity", "设计能力", "Design capacity", "text", { max = 60 }),
		f("meter", "电表", "Power meter", "text", { max = 40 }),
		f("upstream", "上游设施", "Upstream", "refs", { ref = "facility" }),
		f("outlet", "排入排放口", "Into outlet", "ref", { ref = "outlet" }),
		area_of_parent("discharger", "discharger"),
		owner_of_parent("discharger", "discharger"),
	},
	relations = { { id = "discharger", to = "discharger", via = "discharger", title = { zh = "所属单位", en = "Discharger" } } },
	rights = REGISTRY_RIGHTS,
}

record "outlet" {
	title = { zh = "排放口", en = "Outlet" }, family = "registry", label = "internal", title_field = "label", area = "admin_area", org = "owner", geometry = "place", history = true,
	fields = {
		f("discharger", "排污单位", "Discharger", "ref", { ref = "discharger", required = true, filter = true }),
		f("code", "编号", "Code", "text", { required = true, max = 8, list = true, search = true, check = function(x)
			if not x.value:match("^[DYN][AWSZ]%d%d%d$") then
				return bad("编号写作 DA001、DW001、YS001 或 NZ001（HJ 608）", "DA001, DW001, YS001 or NZ001 (HJ 608)")
			end
			return true
		end }),
		f("label", "名称", "Name", "text", { required = true, max = 80, list = true, search = true }),
		f("key", "唯一编码", "Full code", "text", { max = 40, unique = true, list = true, search = true, compute = function(x)
			local up = x.record.discharger and get("discharger", x.record.discharger)
			return up and (up.source_code .. "/" .. x.record.code)
		end }),
		pick("medium", "介质", "Medium", { { "water", "废水", "Water" }, { "air", "废气", "Air" }, { "noise", "噪声", "Noise" }, { "rain", "雨水", "Rain" } },
			{ required = true, list = true, filter = true }),
		pick("kind", "类型", "Kind", { { "main", "主要", "Main" }, { "general", "一般", "General" }, { "rain", "雨水", "Rain" }, { "bypass", "旁路", "Bypass" },
			{ "emergency", "应急", "Emergency" }, { "cooling", "冷却水", "Cooling" }, { "unorganised", "无组织", "Unorganised" } }, { required = true, default = "main" }),
		f("place", "位置", "Position", "point", {}),
		f("stack_height", "高度", "Stack height", "number", { unit = "m", min = 0, max = 400 }),
		f("inner_diameter", "内径", "Inner diameter", "number", { unit = "m", min = 0, max = 20 }),
		f("reference_oxygen", "基准含氧量", "Reference oxygen", "number", { unit = "%", min = 0, max = 21 }),
		f("destination", "排放去向", "Destination", "text", { max = 40 }),
		pick("monitored_by", "监测方式", "Monitored by", { { "auto", "自动", "Automatic" }, { "manual", "手工", "Manual" }, { "both", "兼有", "Both" } }, { default = "auto", list = true }),
		f("signboard", "标志牌照片", "Photo of the signboard", "file", {}),
		area_of_parent("discharger", "discharger"),
		owner_of_parent("discharger", "discharger"),
	},
	relations = { { id = "discharger", to = "discharger", via = "discharger", title = { zh = "所属单位", en = "Discharger" } } },
	rights = REGISTRY_RIGHTS,
}

record "device" {
	title = { zh = "自动监测设备", en = "Monitoring device" }, family = "registry", label = "internal", title_field = "label", area = "admin_area", org = "owner", history = true,
	fields = {
		f("outlet", "排放口", "Outlet", "ref", { ref = "outlet", required = true, filter = true }),
		f("label", "名称", "Name", "text", { required = true, max = 80, list = true, search = true }),
		pick("kind", "类别", "Kind", { { "analyser", "分析仪", "Analyser" }, { "sampler", "采样器", "Sampler" }, { "flowmeter", "流量计", "Flow meter" }, { "logger", "数采仪", "Logger" },
			{ "camera", "摄像机", "Camera" }, { "door", "门禁", "Door" }, { "power_meter", "电表", "Power meter" }, { "cems_sub", "CEMS 子系统", "CEMS part" } }, { required = true }),
		f("maker", "厂家", "Maker", "text", { max = 80 }),
		f("model", "型号", "Model", "text", { max = 60 }),
		f("serial", "出厂编号", "Serial number", "text", { max = 60 }),
		f("range_high", "量程上限", "Range", "number", {}),
		f("detection_limit", "检出限", "Detection limit", "number", { min = 0 }),
		f("accepted", "验收备案日", "Accepted on", "date", {}),
		f("maintainer", "运维单位", "Maintenance firm", "text", { max = 80 }),
		f("parameters", "备案参数", "Filed parameters", "list", { fields = { f("name", "参数", "Parameter", "text", { max = 40 }), f("value", "值", "Value", "number", {}),
			f("unit", "单位", "Unit", "text", { max = 20 }), f("from", "自", "From", "date", {}),
			pick("source", "来源", "Source", { { "filed", "备案", "Filed" }, { "device_report", "设备上报", "Device" }, { "field_check", "现场核查", "Field check" } }) } }),
		area_of_parent("outlet", "outlet"),
		owner_of_parent("outlet", "outlet"),
	},
	relations = { { id = "outlet", to = "outlet", via = "outlet", title = { zh = "排放口", en = "Outlet" } } },
	rights = REGISTRY_RIGHTS,
}

record "binding" {
	title = { zh = "设备绑定", en = "Binding" }, family = "registry", label = "internal", title_field = "mn", area = "admin_area", org = "owner", history = true,
	fields = {
		f("outlet", "排放口", "Outlet", "ref", { ref = "outlet", required = true, filter = true }),
		f("factor", "因子", "Factor", "code", { codes = "factors", required = true, list = true, filter = true }),
		f("mn", "设备唯一标识 MN", "Device number MN", "text", { required = true, max = 24, list = true, search = true }),
		f("point", "上报点位", "Point", "text", { max = 23 }),
		f("site", "监测站点", "Site", "integer", { compute = function(x)
			local d = device(x.record.mn)
			return d and d.site
		end, help = { zh = "由 MN 查得；数据、告警按它找", en = "by the MN; data and alarms are found by it" } }),
		pick("profile", "协议", "Profile", { { "2005", "2005 版", "2005" }, { "2017", "2017 版", "2017" }, { "2025", "2025 版", "2025" } }, {}),
		f("valid_from", "自", "From", "date", { required = true, list = true }),
		f("valid_to", "至（含）", "To, inclusive", "date", { list = true }),
		f("standby", "备用", "Stand-by", "bool", { default = false }),
		area_of_parent("outlet", "outlet"),
		owner_of_parent("outlet", "outlet"),
	},
	checks = { { field = "valid_from", fn = function(x)
		local r = x.record
		if r.valid_to and r.valid_to < r.valid_from then
			return bad("结束早于开始", "ends before it begins")
		end
		if r.standby then
			return true
		end
		for _, b in ipairs(bindings_of(r.outlet, r.factor)) do
			local self = x.old and b.mn == x.old.mn and b.valid_from == x.old.valid_from
			if not self and not b.standby and b.valid_from <= (r.valid_to or "9999") and r.valid_from <= (b.valid_to or "9999") then
				return bad("与 " .. b.mn .. " 自 " .. b.valid_from .. " 的绑定重叠；先结束它，或设为备用", "overlaps the binding of " .. b.mn)
			end
		end
		return true
	end } },
	relations = { { id = "outlet", to = "outlet", via = "outlet", title = { zh = "排放口", en = "Outlet" } } },
	rights = REGISTRY_RIGHTS,
}

record "permit" {
	title = { zh = "排污许可证", en = "Discharge permit" }, family = "permits", label = "internal", title_field = "number", area = "admin_area", org = "owner", history = true,
	fields = {
		f("number", "编号", "Number", "text", { required = true, unique = true, max = 40, list = true, search = true, check = function(x)
			if #x.value ~= 22 or not x.value:match("^[0-9A-Z]+$") then
				return bad("许可证编号是 22 位：18 位信用代码、3 位序号、1 位标识", "22 characters: credit code, serial of three, one mark")
			end
			return true
		end }),
		f("discharger", "排污单位", "Discharger", "ref", { ref = "discharger", required = true, filter = true }),
		pick("kind", "种类", "Kind", { { "permit", "排污许可证", "Permit" }, { "registration", "登记回执", "Registration" } }, { required = true, default = "permit", list = true }),
		f("issued", "签发日", "Issued", "date", { list = true }),
		f("effective", "生效日", "Effective", "date", { required = true, list = true }),
		f("expiry", "有效期至", "Expires", "date", { required = true, list = true, filter = true }),
		f("office", "发证机关", "Issuing office", "text", { max = 80 }),
		pick("state", "状态", "State", { { "draft", "草稿", "Draft" }, { "public", "公示", "Public notice" }, { "issued", "有效", "Issued" }, { "suspended", "中止", "Suspended" },
			{ "expired", "过期", "Expired" }, { "cancelled", "注销", "Cancelled" }, { "revoked", "吊销", "Revoked" } }, { default = "draft", list = true, filter = true }),
		f("current", "现行版本", "Current version", "ref", { ref = "permit_version" }),
		f("ended_on", "注销或吊销自", "Cancelled or revoked from", "date", {}),
		f("unlicensed_since", "失效后仍在排放，自", "Discharging without it since", "time", { filter = true, help = { zh = "流量连续两小时大于零；由机器写", en = "flow above zero for two hours; written by the machine" } }),
		f("file", "正本", "File", "file", {}),
		area_of_parent("discharger", "discharger"),
		owner_of_parent("discharger", "discharger"),
	},
	checks = { { field = "expiry", fn = function(x)
		if x.record.expiry < x.record.effective then
			return bad("有效期早于生效日", "expires before it is effective")
		end
		return true
	end } },
	relations = { { id = "discharger", to = "discharger", via = "discharger", title = { zh = "持证单位", en = "Holder" } } },
	rights = PERMIT_RIGHTS,
}

record "permit_version" {
	title = { zh = "许可证版本", en = "Version of a permit" }, family = "permits", label = "internal", title_field = "no", area = "admin_area", org = "owner", history = true,
	number = { format = "XKBB{date}{n:4}", field = "no" },
	fields = {
		f("no", "受理号", "Number", "text", { list = true }),
		f("permit", "许可证", "Permit", "ref", { ref = "permit", required = true, filter = true }),
		pick("kind", "事由", "Kind", { { "first", "首次", "First" }, { "change", "变更", "Change" }, { "reapply", "重新申请", "Reapply" }, { "renew", "延续", "Renew" },
			{ "correct", "更正", "Correct" }, { "cancel", "注销", "Cancel" }, { "reissue", "补发", "Reissue" }, { "revoke", "吊销", "Revoke" } }, { required = true, list = true }),
		f("effective_from", "生效日", "Effective from", "date", { required = true, list = true }),
		f("reason", "理由", "Reason", "longtext", { max = 1000 }),
		f("decision_no", "决定文号", "Decision", "text", { max = 60 }),
		f("rules_auto", "机器规则", "Machine rules", "integer", {}),
		f("rules_manual", "手工规则", "Manual rules", "integer", {}),
		f("rules_refused", "未能成为规则", "Refused", "integer", {}),
		f("ended", "终止的旧规则", "Old rules ended", "integer", {}),
		f("test_days", "回测天数", "Days of the back-test", "integer", { min = 1, max = 90, default = 90 }),
		f("test_hours", "回测：有数据的时段", "Back-test: periods with data", "integer", {}),
		f("test_over", "回测：会超限的时段", "Back-test: periods that would be over", "integer", {}),
		f("test_before", "回测：按现行规则超限的时段", "Back-test: over by the rules in force", "integer", {}),
		f("signed_on", "签发时间", "Signed", "time", {}),
		area_of_parent("permit", "permit"),
		owner_of_parent("permit", "permit"),
	},
	relations = { { id = "permit", to = "permit", via = "permit", title = { zh = "许可证", en = "Permit" } } },
	rights = PERMIT_RIGHTS,
}

local STATISTICS = { { "instant", "瞬时", "Instant" }, { "hour", "小时均值", "Hour mean" }, { "day", "日均值", "Day mean" }, { "month", "月", "Month" }, { "year", "年", "Year" } }
local COMPARE = { { "<=", "不大于", "At most" }, { ">=", "不小于", "At least" }, { "range", "范围", "Range" } }

record "permit_limit" {
	title = { zh = "许可限值", en = "Permit limit" }, family = "permits", label = "internal", title_field = "clause", area = "admin_area", org = "owner", history = true,
	fields = {
		f("version", "许可证版本", "Version", "ref", { ref = "permit_version", required = true, filter = true }),
		f("outlet", "排放口", "Outlet", "ref", { ref = "outlet", filter = true, help = { zh = "空为全厂合计或无组织", en = "empty: the whole site" } }),
		f("factor", "因子编码", "Factor", "text", { required = true, max = 10, list = true }),
		pick("kind", "种类", "Kind", { { "conc", "浓度", "Concentration" }, { "rate", "速率", "Rate" }, { "annual_mass", "年排放量", "Annual mass" }, { "month_mass", "月排放量", "Month mass" },
			{ "special_period_mass", "特殊时段排放量", "Special period mass" }, { "removal_rate", "去除率", "Removal rate" }, { "height", "高度", "Height" }, { "colour", "色度与臭气", "Colour, odour" } },
			{ required = true, default = "conc", list = true }),
		pick("statistic", "统计", "Statistic", STATISTICS, { required = true, list = true }),
		pick("basis", "基准", "Basis", { { "as_measured", "实测", "As measured" }, { "dry_std", "标干", "Dry standard" }, { "converted", "折算", "Converted" } }, { default = "as_measured" }),
		pick("compare", "比较", "Compare", COMPARE, { default = "<=" }),
		f("value", "限值（照印）", "Value as printed", "text", { required = true, max = 20, list = true }),
		f("value2", "上限（范围）", "Upper value", "text", { max = 20 }),
		f("unit", "单位", "Unit", "text", { max = 20, list = true }),
		f("condition", "条件", "Condition", "text", { max = 120 }),
		f("standard", "标准", "Standard", "text", { max = 60, list = true }),
		f("clause", "条款", "Clause", "text", { max = 80 }),
		pick("frequency", "自行监测频次", "Self-monitoring", { { "auto", "自动", "Automatic" }, { "day", "每日", "Daily" }, { "week", "每周", "Weekly" }, { "month", "每月", "Monthly" }, { "quarter", "每季", "Quarterly" },
			{ "half", "每半年", "Half-yearly" }, { "year", "每年", "Yearly" } }, {}),
		f("stricter_reason", "从严理由", "Why stricter", "text", { max = 200 }),
		area_of_parent("version", "permit_version"),
		owner_of_parent("version", "permit_version"),
	},
	relations = { { id = "version", to = "permit_version", via = "version", title = { zh = "许可证版本", en = "Version" } } },
	rights = PERMIT_RIGHTS,
}

record "permit_rule" {
	title = { zh = "限值规则", en = "Rule of a limit" }, family = "permits", label = "internal", title_field = "key", area = "admin_area", org = "owner", history = true,
	fields = {
		f("key", "规则编号", "Rule", "text", { required = true, max = 64, list = true }),
		f("permit", "许可证", "Permit", "ref", { ref = "permit", required = true, filter = true }),
		f("version", "版本", "Version", "ref", { ref = "permit_version", required = true, filter = true }),
		f("limit", "限值", "Limit", "ref", { ref = "permit_limit", required = true }),
		f("outlet", "排放口", "Outlet", "ref", { ref = "outlet", filter = true }),
		f("factor", "因子", "Factor", "text", { max = 10, list = true }),
		pick("kind", "结果", "Outcome", { { "auto", "机器规则", "Machine" }, { "manual", "手工规则", "Manual" }, { "refused", "未成规则", "Refused" } }, { required = true, list = true, filter = true }),
		f("reason", "理由", "Reason", "text", { max = 300, list = true }),
		f("mn", "设备", "Device", "text", { max = 24 }),
		f("point", "点位", "Point", "text", { max = 23 }),
		f("averaging", "时段", "Averaging", "text", { max = 8, list = true }),
		f("converted", "折算", "Converted", "bool", {}),
		f("low", "下限", "Low", "number", {}),
		f("high", "上限", "High", "number", { list = true }),
		f("unit", "单位", "Unit", "text", { max = 20 }),
		f("valid_from", "自", "From", "date", { list = true }),
		f("valid_to", "至（含）", "To, inclusive", "date", { list = true }),
		f("test_hours", "回测：有数据的时段", "Back-test: periods with data", "integer", { list = true }),
		f("test_over", "回测：会超限的时段", "Back-test: would be over", "integer", { list = true }),
		f("test_first", "回测：第一次", "Back-test: first", "time", {}),
		f("in_force", "已下达", "In force", "bool", { filter = true }),
		f("standard", "标准", "Standard", "text", { max = 60 }),
		f("clause", "条款", "Clause", "text", { max = 80 }),
		area_of_parent("permit", "permit"),
		owner_of_parent("permit", "permit"),
	},
	relations = { { id = "version", to = "permit_version", via = "version", title = { zh = "许可证版本", en = "Version" } } },
	rights = { leader_city = "R all", leader_district = "R area", monitor_eng = "R area", enforce_lead = "R area", enforce_officer = "R area", approve_handler = "R area",
		approve_chief = "R area", line_air = "R all", line_water = "R all", line_eia = "R all", ent_manager = "R own" },
}

local FREQUENCY = { { "auto", "自动", "Automatic" }, { "day", "每日", "Daily" }, { "week", "每周", "Weekly" }, { "month", "每月", "Monthly" }, { "quarter", "每季", "Quarterly" }, { "half", "每半年", "Half-yearly" },
	{ "year", "每年", "Yearly" } }

record "self_monitor_plan" {
	title = { zh = "自行监测方案", en = "Self-monitoring plan" }, family = "registry", label = "internal", title_field = "key", area = "admin_area", org = "owner", history = true,
	fields = {
		f("key", "编号", "Key", "text", { required = true, unique = true, max = 80 }),
		f("discharger", "排污单位", "Discharger", "ref", { ref = "discharger", required = true, filter = true, list = true }),
		f("outlet", "排放口", "Outlet", "ref", { ref = "outlet", filter = true, list = true }),
		f("factor", "因子", "Factor", "text", { required = true, max = 10, list = true }),
		pick("frequency", "频次", "Frequency", FREQUENCY, { required = true, default = "quarter", filter = true, list = true }),
		f("method", "监测方法", "Method", "text", { max = 80 }),
		f("lab", "承担单位", "Laboratory", "text", { max = 80 }),
		f("from", "自", "From", "date", { required = true }),
		f("last_result", "最近结果", "Last result", "date", { list = true }),
		f("next_due", "本期截止", "Due", "date", { list = true }),
		f("missing", "缺测期数", "Periods missed", "integer", { min = 0, default = 0, list = true }),
		area_of_parent("discharger", "discharger"),
		owner_of_parent("discharger", "discharger"),
	},
	relations = { { id = "discharger", to = "discharger", via = "discharger", title = { zh = "所属单位", en = "Discharger" } } },
	rights = REGISTRY_RIGHTS,
}

-- 结果按采样那天的限值判 a result is judged by the limit of the day of the sample
record "self_monitor_result" {
	title = { zh = "自行监测结果", en = "Self-monitoring result" }, family = "registry", label = "internal", title_field = "report_no", area = "admin_area", org = "owner", history = true,
	fields = {
		f("plan", "方案", "Plan", "ref", { ref = "self_monitor_plan", required = true, filter = true }),
		f("discharger", "排污单位", "Discharger", "ref", { ref = "discharger", compute = function(x)
			local p = get("self_monitor_plan", x.record.plan)
			return p and p.discharger
		end }),
		f("factor", "因子", "Factor", "text", { max = 10, list = true, compute = function(x)
			local p = get("self_monitor_plan", x.record.plan)
			return p and p.factor
		end }),
		f("sampled_on", "采样日", "Sampled", "date", { required = true, list = true }),
		f("printed", "结果（照印）", "Result as printed", "text", { required = true, max = 20, list = true, help = { zh = "低于检出限写 <0.05", en = "below the detection limit: <0.05" } }),
		f("detection_limit", "检出限", "Detection limit", "number", { min = 0 }),
		f("report_no", "报告编号", "Report", "text", { required = true, max = 60, list = true, search = true }),
		f("cma", "CMA 编号", "CMA number", "text", { max = 40 }),
		f("report", "报告", "Report file", "file", {}),
		f("limit_low", "当日下限", "Low limit of that day", "number", { compute = function(x) local r = rule_of(x.record) return r and r.low end }),
		f("limit_high", "当日上限", "High limit of that day", "number", { list = true, compute = function(x) local r = rule_of(x.record) return r and r.high end }),
		pick("verdict", "判定", "Verdict", { { "within", "达标", "Within" }, { "over", "超标", "Over" }, { "no_limit", "当日没有限值", "No limit that day" } }, { list = true, filter = true, compute = function(x) return verdict_of(x.record) end }),
		f("multiple", "超标倍数", "Times over", "number", { decimals = 2, compute = function(x)
			local r, v = rule_of(x.record), result_number(x.record.printed)
			return r and r.high and v and v > r.high and v / r.high - 1 or nil
		end }),
		area_of_parent("discharger", "discharger"),
		owner_of_parent("discharger", "discharger"),
	},
	checks = { { field = "printed", fn = function(x)
		local r = x.record
		if not result_number(r.printed) then
			return bad("结果写作“" .. r.printed .. "”，不是数，也不是 <检出限", "neither a number nor below a detection limit")
		end
		if r.sampled_on > today() then
			return bad("采样日在将来", "the sample is of the future")
		end
		if r.detection_limit and r.limit_high and r.detection_limit > r.limit_high then
			return bad("检出限高于当日限值，不能判定", "the detection limit is above the limit")
		end
		return true
	end } },
	relations = { { id = "plan", to = "self_monitor_plan", via = "plan", title = { zh = "方案", en = "Plan" } } },
	rights = REGISTRY_RIGHTS,
}

record "mass_account" {
	title = { zh = "年排放量", en = "Yearly mass" }, family = "registry", label = "internal", title_field = "key", area = "admin_area", org = "owner", history = true,
	fields = {
		f("key", "编号", "Key", "text", { required = true, unique = true, max = 100 }),
		f("discharger", "排污单位", "Discharger", "ref", { ref = "discharger", required = true, filter = true, list = true }),
		f("factor", "因子", "Factor", "text", { required = true, max = 10, list = true }),
		f("year", "年", "Year", "integer", { required = true, list = true, filter = true }),
		f("permitted", "许可量", "Permitted", "number", { unit = "t", list = true }),
		f("discharged", "累计排放", "Discharged", "number", { unit = "t", decimals = 3, list = true }),
		f("hours", "有数据的小时", "Hours with data", "integer", {}),
		f("share", "占许可量", "Share", "number", { unit = "%", decimals = 1, list = true }),
		pick("light", "灯", "Light", { { "green", "绿", "Green" }, { "yellow", "黄", "Yellow" }, { "red", "红", "Red" } }, { list = true, filter = true }),
		f("projected", "按此推算全年", "Projected for the year", "number", { unit = "t", decimals = 3, list = true }),
		f("through", "算到", "Through", "time", { list = true }),
		f("basis", "许可依据", "Limit", "ref", { ref = "permit_limit" }),
		area_of_parent("discharger", "discharger"),
		owner_of_parent("discharger", "discharger"),
	},
	relations = { { id = "discharger", to = "discharger", via = "discharger", title = { zh = "所属单位", en = "Discharger" } } },
	rights = { leader_city = "R all", leader_district = "R area", monitor_eng = "R area", enforce_lead = "R area", enforce_officer = "R area", approve_handler = "R area", approve_chief = "R area", line_air = "R all", line_water = "R all",
		duty_city = "R all", duty_district = "R area", data_engineer = "R all", ent_manager = "R own", ent_operator = "R own" },
}

record "duty" {
	title = { zh = "环保义务", en = "Duty" }, family = "registry", label = "internal", title_field = "what", area = "admin_area", org = "owner", history = true,
	fields = {
		f("discharger", "排污单位", "Discharger", "ref", { ref = "discharger", required = true, filter = true }),
		pick("kind", "种类", "Kind", { { "exec_report", "执行报告", "Execution report" }, { "self_monitor", "自行监测", "Self-monitoring" }, { "renewal", "许可延续", "Renewal" },
			{ "disclosure", "信息公开", "Disclosure" }, { "contact", "联系人核实", "Contact" } }, { required = true, list = true, filter = true }),
		f("what", "事项", "What", "text", { required = true, max = 120, list = true, search = true }),
		f("due", "到期日", "Due", "date", { required = true, list = true, filter = true }),
		f("done", "完成日", "Done", "date", { list = true }),
		f("basis", "依据", "Basis", "text", { max = 120 }),
		area_of_parent("discharger", "discharger"),
		owner_of_parent("discharger", "discharger"),
	},
	relations = { { id = "discharger", to = "discharger", via = "discharger", title = { zh = "所属单位", en = "Discharger" } } },
	rights = REGISTRY_RIGHTS,
}

record "change_request" {
	title = { zh = "名录变更申请", en = "Change request" }, family = "registry", label = "internal", title_field = "no", area = "admin_area", org = "owner", history = true,
	number = { format = "BG{date}{n:4}", field = "no" },
	fields = {
		f("no", "申请号", "Number", "text", { list = true, search = true }),
		f("discharger", "排污单位", "Discharger", "ref", { ref = "discharger", required = true, filter = true, list = true }),
		pick("field", "事项", "What", { { "name", "单位名称", "Name" }, { "address", "地址", "Address" }, { "short_name", "简称", "Short name" }, { "phone", "联系电话", "Phone" },
			{ "status", "状态", "Status" }, { "receiving_water", "受纳水体", "Receiving water" }, { "place", "位置", "Position" } }, { required = true, list = true }),
		f("value", "改为", "New value", "text", { max = 200 }),
		f("place", "新位置", "New position", "point", {}),
		f("reason", "理由", "Reason", "longtext", { required = true, max = 1000 }),
		f("answer", "答复", "Answer", "longtext", { max = 1000 }),
		f("site_check", "须现场核实", "Site check needed", "bool", {}),
		area_of_parent("discharger", "discharger"),
		owner_of_parent("discharger", "discharger"),
	},
	relations = { { id = "discharger", to = "discharger", via = "discharger", title = { zh = "排污单位", en = "Discharger" } } },
	rights = { leader_city = "R all", leader_district = "R area", approve_window = "RCUF area", approve_handler = "RCUF area", enforce_officer = "RF area", monitor_eng = "RF area",
		ent_manager = "RCF own", ent_operator = "RCF own" },
}
