-- 河网：有流向的河段，供归并、溯源沿水流寻找。The network of rivers: reaches with a direction, so that others can look along the water.
module {
	id = "water/rivers",
	title = { zh = "河网", en = "Rivers" },
	rows = { "P2.1.1" },
	about = {
		zh = "河段的中线、流向、汇入哪里、流速的假定范围；事件沿水流归并由此计算。",
		en = "Middle lines of reaches with their direction, where they flow into, a band of assumed speeds; events are merged along the water by it.",
	},
}

menu { { id = "water", title = { zh = "水环境", en = "Water" }, order = 20 } }
