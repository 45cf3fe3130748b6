-- 污染源名录：一企一档、许可证、限值化为按日期生效的规则。Directory of dischargers, permits, limits as dated rules.
module {
	id = "sources/registry",
	title = { zh = "污染源名录", en = "Discharger registry" },
	rows = { "P3.6.1a" },
	about = {
		zh = "排污单位基本名录：法人、单位、设施、排放口、设备与绑定、许可证；签发的限值成为按日期生效的机器规则；重复的发现、合并与还原。",
		en = "Who discharges, by which outlets, under which permit; limits become dated machine rules; doubles found, merged and unmerged.",
	},
}

menu { { id = "sources", title = { zh = "污染源", en = "Sources" }, order = 30 } }

-- 家族权限 the rights of the families (access-and-roles §4)
REGISTRY_RIGHTS = {
	leader_city = "R all", leader_district = "R area", duty_city = "R all", duty_district = "R area", monitor_eng = "RCU area",
	enforce_lead = "RU area", enforce_officer = "RU area", legal_review = "R all", approve_window = "RCU area",
	approve_handler = "RCU area", approve_chief = "RCUF area", line_air = "RU all", line_water = "RU all", line_soil = "RU all",
	line_waste = "RU all", line_ecology = "RU all", line_radiation = "RU all", line_climate = "RU all", line_eia = "RU all",
	data_steward = "RX all", data_engineer = "RX all", data_chief = "RX all", ent_manager = "R own", ent_operator = "R own",
}
PERMIT_RIGHTS = {
	leader_city = "RF all", leader_district = "RF area", duty_city = "R all", duty_district = "R area", monitor_eng = "R area",
	enforce_lead = "R area", enforce_officer = "R area", legal_review = "R all", approve_window = "RCU area",
	approve_handler = "RCUF area", approve_chief = "RCUF area", line_air = "R all", line_water = "R all", line_eia = "R all",
	data_steward = "R all", data_engineer = "R all", data_chief = "R all", ent_manager = "R own", ent_operator = "R own",
}

-- 管辖区与持有人从上级记录得来，不由人填 office and owner come from the record above
function area_of_parent(field, type)
	return f("admin_area", "管辖区", "Answering office", "area", { filter = true, compute = function(x)
		local up = x.record[field] and get(type, x.record[field])
		return up and up.admin_area
	end })
end
function owner_of_parent(field, type)
	return f("owner", "所属主体", "Owner", "text", { max = 40, compute = function(x)
		local up = x.record[field] and get(type, x.record[field])
		return up and (up.owner or up.credit_code)
	end })
end
