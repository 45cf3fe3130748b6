-- 双随机抽查：谁都能用公布的材料复算。Double random inspections that anyone can replay from what is published.
module {
	id = "enforcement/inspections",
	title = { zh = "执法检查", en = "Inspections" },
	rows = { "E4" },
	needs = { "sources/registry", "enforcement/penalties" },
	about = {
		zh = "检查对象与执法人员的双随机抽取：名录冻结、公开种子、整数数流，抽取结果与换人都由数流决定；任务与公示。",
		en = "Random draw of firms and officers: frozen pools, a public seed, a stream of whole numbers decides results and swaps; tasks, publication.",
	},
}
