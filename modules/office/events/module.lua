-- 环境事件：发现、分析确认、任务调控、决策、回销、后评价。Events: the closed loop of six stages.
module {
	id = "office/events",
	title = { zh = "环境事件", en = "Events" },
	rows = { "P2.1.1", "P2.1.2", "P2.1.3", "P2.1.4", "P2.1.5", "P2.1.6" },
	about = {
		zh = "告警、投诉、巡查、视频、模型的线索归为一种事件：自动归并、分级有理由、按区按级派人、要件齐全才能回销、评价改进规则。",
		en = "Alarms, complaints, patrols, video and models become one kind of event: merged, graded with reasons, dispatched, closed only with evidence, evaluated.",
	},
}

menu { { id = "duty", title = { zh = "事件", en = "Events" }, order = 10 } }

NATURES = {
	{ "exceed", "超标", "Exceedance" }, { "abnormal_data", "数据异常", "Abnormal data" }, { "fraud", "涉嫌造假", "Suspected fraud" },
	{ "facility", "治污设施异常", "Treatment failing" }, { "odour", "异味", "Odour" }, { "smoke_dust", "烟尘扬尘", "Smoke, dust" },
	{ "noise", "噪声", "Noise" }, { "water_colour", "水体异常（变色、死鱼、泡沫）", "Water colour, dead fish, foam" }, { "dumping", "倾倒", "Dumping" },
	{ "spill", "泄漏事故", "Spill, accident" }, { "burning", "露天焚烧", "Open burning" }, { "ecology", "生态破坏", "Ecology damage" },
	{ "radiation", "辐射", "Radiation" }, { "outage", "断联", "Outage" }, { "quality", "环境质量异常", "Quality of environment" },
	{ "public_rights", "公众权益", "Rights of the public" }, { "other", "其他", "Other" },
}
NATURE_ZH = {}
for _, n in ipairs(NATURES) do
	NATURE_ZH[n[1]] = n[2]
end
GRADES = { { "1", "特急", "Most urgent" }, { "2", "紧急", "Urgent" }, { "3", "一般", "Ordinary" }, { "4", "提示", "Notice" } }
SOURCES = {
	{ "alarm", "自动监控告警", "Alarm" }, { "video", "视频", "Video" }, { "complaint", "投诉举报", "Complaint" }, { "patrol", "巡查", "Patrol" },
	{ "model", "模型", "Model" }, { "satellite_uav", "卫星与无人机", "Satellite, drone" }, { "inspection", "检查", "Inspection" },
	{ "enterprise_report", "企业报告", "Enterprise report" }, { "other_bureau", "其他部门", "Other bureau" }, { "media", "媒体", "Media" },
}

POSTS = {
	{ "grid", "网格员", "Grid member" }, { "desk", "值班员", "Duty officer" }, { "officer", "执法员", "Enforcement officer" }, { "maintainer", "运维单位", "Maintainer" },
	{ "monitoring", "监测队", "Monitoring team" }, { "emergency", "应急值班", "Emergency duty" }, { "leader", "带班领导", "Leader on duty" },
}

-- 谁可做什么 the rights of the family "alarms, events" (access-and-roles §4)
EVENT_RIGHTS = {
	leader_city = "RF all", leader_district = "RF area", duty_city = "RCUF all", duty_district = "RCUF area", monitor_eng = "RF all",
	monitor_district = "RF area", enforce_lead = "RF area", enforce_officer = "RF area", line_dept = "RF all", town_grid = "RF area",
	data_engineer = "R all",
}
SIGNAL_RIGHTS = {
	leader_city = "R all", leader_district = "R area", duty_city = "RCU all", duty_district = "RCU area", monitor_eng = "RC all",
	monitor_district = "RC area", enforce_lead = "RC area", enforce_officer = "RC area", line_dept = "RC all", town_grid = "RC area", data_engineer = "R all",
}
RULE_RIGHTS = {
	leader_city = "R all", leader_district = "R all", duty_city = "R all", duty_district = "R all", monitor_eng = "R all", enforce_lead = "R all",
	enforce_officer = "R all", line_dept = "RCU all", town_grid = "R all", data_engineer = "R all",
}
ROSTER_RIGHTS = {
	leader_city = "R all", leader_district = "R area", duty_city = "RCU all", duty_district = "RCU area", enforce_lead = "RCU area",
	enforce_officer = "R area", line_dept = "R all", town_grid = "R area",
}
