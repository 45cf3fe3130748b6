-- 页面 pages: the hand-made ones stand in for the lists of screens and briefings
view "screens" { title = { zh = "大屏", en = "Screens" }, menu = "show", type = "screen", layout = "list", columns = { "name", "code", "theme" }, order = 1 }
view "briefings" { title = { zh = "汇报方案", en = "Briefings" }, menu = "show", type = "briefing", layout = "list", columns = { "title", "occasion" }, order = 2 }
view "plays" { title = { zh = "放映记录", en = "Plays" }, menu = "show", type = "play", layout = "list", columns = { "title", "mode", "ended" }, order = 3 }
view "walls" { title = { zh = "拼接墙", en = "Video walls" }, menu = "show", type = "wall", layout = "list", columns = { "name", "controller" }, order = 4 }
view "wall_log" { title = { zh = "拼接命令", en = "Wall commands" }, menu = "show", type = "wall_command", layout = "list", columns = { "title", "wall", "result", "took_ms", "tries", "sent_by" }, order = 5 }

seed { type = "screen", file = "data/screen.csv" }
