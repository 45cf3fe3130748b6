-- 页面与图层 pages and layers beyond the generated ones

view "directory" {
	title = { zh = "名录", en = "Directory" }, menu = "sources", type = "discharger", layout = "list",
	columns = { "source_code", "name", "admin_area", "industry", "manage_class", "status" }, filters = { "admin_area", "manage_class", "industry", "status", "park", "key_lists" },
}
view "directory_map" { title = { zh = "名录地图", en = "Directory on the map" }, menu = "sources", type = "discharger", layout = "map", columns = { "name", "manage_class" } }
view "permits" {
	title = { zh = "许可证", en = "Permits" }, menu = "sources", type = "permit", layout = "list",
	columns = { "number", "discharger", "effective", "expiry", "state" }, filters = { "state", "expiry" },
}
view "permit_workbench" { title = { zh = "限值签发", en = "Permit workbench" }, menu = "sources", flow = "permit_signing", layout = "desk" }
view "change_requests" { title = { zh = "变更申请", en = "Change requests" }, menu = "sources", flow = "registry_change", layout = "board" }
view "duties" {
	title = { zh = "义务", en = "Duties" }, menu = "sources", type = "duty", layout = "list",
	columns = { "what", "discharger", "due", "done" }, filters = { "kind", "due" },
}
layer "dischargers" { title = { zh = "排污单位", en = "Dischargers" }, type = "discharger", style = { field = "manage_class" } }
layer "outlets" { title = { zh = "排放口", en = "Outlets" }, type = "outlet", style = { field = "medium" } }

seed { type = "legal_person", file = "data/legal_person.csv" }
seed { type = "discharger", file = "data/discharger.csv" }
seed { type = "outlet", file = "data/outlet.csv" }
seed { type = "binding", file = "data/binding.csv" }
seed { type = "permit", file = "data/permit.csv" }
seed { type = "duty", file = "data/duty.csv" }
