layer "river_reaches" { title = { zh = "河段", en = "River reaches" }, type = "river_reach", style = { field = "wide" } }
view "river_reaches" { title = { zh = "河网", en = "Rivers" }, menu = "water", type = "river_reach", layout = "list", columns = { "code", "name", "into", "speed_low", "speed_high", "bank_m" } }

seed { type = "river_reach", file = "data/river_reach.csv" }
