-- 页面与图层 pages and layers beyond the generated ones
view "event_desk" { title = { zh = "事件值班台", en = "Duty desk" }, menu = "duty", flow = "event", layout = "desk", columns = { "no", "title", "grade", "nature", "signals", "last_seen" }, filters = { "grade", "nature", "admin_area" } }
view "event_board" { title = { zh = "事件看板", en = "Events by stage" }, menu = "duty", flow = "event", layout = "board", columns = { "no", "title", "grade", "nature" }, filters = { "grade", "nature", "admin_area" } }
view "event_map" { title = { zh = "事件地图", en = "Events on the map" }, menu = "duty", type = "event", layout = "map", columns = { "no", "title", "grade" } }
view "signals" { title = { zh = "线索", en = "Signals" }, menu = "duty", type = "signal", layout = "list", columns = { "seen_at", "source_kind", "title", "nature", "admin_area", "event" }, filters = { "source_kind", "nature", "seen_at" } }
view "roster" { title = { zh = "值守表", en = "Roster" }, menu = "duty", type = "shift", layout = "list", columns = { "name", "post", "admin_area", "from", "to" }, filters = { "post", "admin_area", "from" } }
view "handovers" { title = { zh = "交接班", en = "Hand-over" }, menu = "duty", flow = "handover", layout = "desk" }
view "procedures" { title = { zh = "作业规程", en = "Procedures" }, menu = "duty", type = "procedure", layout = "list", columns = { "title", "nature", "version" }, filters = { "nature" } }
view "event_rules" { title = { zh = "事件规则", en = "Event rules" }, menu = "duty", type = "nature_rule", layout = "list", columns = { "title", "version", "radius_m", "window_h", "hazard", "valid_from", "valid_to" }, filters = { "nature" } }
view "event_limits" { title = { zh = "事件时限", en = "Limits" }, menu = "duty", type = "event_limit", layout = "list", columns = { "stage", "grade", "n", "unit", "admin_area" }, filters = { "stage", "grade" } }
view "after_reviews" { title = { zh = "应急复盘", en = "After-reviews" }, menu = "duty", flow = "after_review", layout = "board", columns = { "title", "why", "meeting_on" } }
view "lessons" { title = { zh = "教训", en = "Lessons" }, menu = "duty", flow = "lesson", layout = "board", columns = { "title", "parameter", "from", "to" } }
layer "events" { title = { zh = "事件", en = "Events" }, type = "event", style = { field = "grade" } }
layer "signals" { title = { zh = "线索", en = "Signals" }, type = "signal", style = { field = "nature" } }

seed { type = "nature_rule", file = "data/nature_rule.csv" }
seed { type = "event_limit", file = "data/event_limit.csv" }
seed { type = "procedure", file = "data/procedure.csv" }
-- 演示的城市：值守表与各阶段的事件 the demo city: a roster and events in every stage
seed { type = "shift", file = "data/demo_roster.csv", demo = true }
seed { file = "data/demo.jsonl", demo = true }
