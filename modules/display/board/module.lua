-- 数据集与图：图只能绑定数据集，数据集按看的人的权限取数。Data sets and charts: charts bind to sets only, sets are read by the rights of who looks.
module {
	id = "display/board",
	title = { zh = "数据集与图", en = "Data sets" },
	rows = { "P1.2.2", "P1.2.3", "P1.2.4" },
	about = {
		zh = "声明的数据集（记录、观测、告警、案件、登记）与绑定在它上面的图；版本、权限、历史与记录相同。",
		en = "Declared data sets (records, observations, alarms, cases, registry) and the charts bound to them; versions, rights and history are those of records.",
	},
}

-- 谁都可以看到数据集与图的写法；里面的数由各人自己的权限决定。Everybody may see how a set is written; the numbers in it go by each person's own rights.
BOARD_RIGHTS = {
	leader_city = "RCU all", leader_district = "R all", duty_city = "RCU all", duty_district = "R all", monitor_eng = "RCUX all", monitor_district = "R all",
	enforce_lead = "R all", enforce_officer = "R all", legal_review = "R all", law_dept = "R all", approve_window = "R all", approve_handler = "R all", approve_chief = "R all",
	line_dept = "RCUX all", line_air = "RCUX all", line_water = "RCUX all", line_soil = "RCUX all", line_waste = "RCUX all", line_ecology = "RCUX all",
	line_radiation = "RCUX all", line_climate = "RCUX all", line_eia = "RCUX all",
	data_engineer = "RCUDX all", data_steward = "RCUX all", data_chief = "RCUDX all", ent_manager = "R all", ent_operator = "R all", hotline = "R all", town_grid = "R all",
}
