-- 一幅画面是一张以物理像素计的画布；面板写明位置、种类与内容。
-- A screen is one canvas in physical pixels; panels say where, of which kind, and what.

local function json(id, zh, en)
	return f(id, zh, en, "longtext", { max = 20000 })
end
local KINDS = {
	{ "scroll", "城市长卷", "City scroll" }, { "stations", "站点排序", "Sites, worst first" }, { "headline", "要数", "Headline figure" }, { "chart", "图", "Chart" }, { "events", "告警与处置", "Alarms" },
	{ "title", "标题", "Title" }, { "clock", "时钟", "Clock" }, { "text", "文字", "Text" }, { "pattern", "测试图", "Test pattern" }, { "ridges", "数据山水", "Landscape of data" }, { "weather", "天气", "Weather" },
}
local function canvas(id, zh, en)
	return f(id, zh, en, "integer", { required = true, min = 320, max = 61440 })
end

record "screen" {
	title = { zh = "大屏", en = "Screen" }, family = "display", label = "internal", title_field = "name", history = true,
	fields = {
		f("code", "代号", "Code", "text", { required = true, unique = true, max = 40, list = true, search = true, check = function(x)
			return x.value:match("^[a-z][a-z0-9_]*$") ~= nil or bad("须为小写字母、数字、下划线", "lower-case letters, digits and _")
		end }),
		f("name", "名称", "Name", "text", { required = true, max = 60, list = true, search = true }),
		f("name_en", "英文名称", "English name", "text", { required = true, max = 80 }),
		canvas("width", "画布宽（像素）", "Canvas width, px"),
		canvas("height", "画布高（像素）", "Canvas height, px"),
		pick("theme", "配色", "Theme", { { "screen", "大屏", "Wall" }, { "dark", "深色", "Dark" }, { "light", "浅色", "Light" } }, { required = true, default = "screen", list = true }),
		f("panels", "面板", "Panels", "list", { fields = {
			f("id", "代号", "Id", "text", { required = true, max = 40 }),
			pick("kind", "种类", "Kind", KINDS, { required = true }),
			f("title", "标题", "Title", "text", { max = 60 }),
			f("title_en", "英文标题", "English title", "text", { max = 80 }),
			f("x", "左", "Left", "integer", { required = true, min = 0, max = 61440 }),
			f("y", "上", "Top", "integer", { required = true, min = 0, max = 61440 }),
			f("w", "宽", "Width", "integer", { required = true, min = 8, max = 61440 }),
			f("h", "高", "Height", "integer", { required = true, min = 8, max = 61440 }),
			f("z", "层", "Layer", "integer", { min = 0, max = 999 }),
			f("phone", "手机上的次序", "Order on a phone", "integer", { min = 0, max = 999, help = { zh = "0 不在手机上出现", en = "0: not on a phone" } }),
			json("chart", "内容（JSON）", "Content (JSON)"),
			f("text", "文字", "Text", "longtext", { max = 400 }),
			f("text_en", "英文文字", "English text", "longtext", { max = 400 }),
		} }),
	},
	checks = { { field = "panels", fn = function(x)
		local seen = {}
		for _, p in ipairs(x.record.panels or {}) do
			if seen[p.id] then
				return bad("面板代号重复：" .. p.id, "two panels are called " .. p.id)
			end
			seen[p.id] = true
			if p.x + p.w > x.record.width or p.y + p.h > x.record.height then
				return bad("面板超出画布：" .. p.id, "panel " .. p.id .. " leaves the canvas")
			end
		end
		return true
	end } },
	rights = show_rights("RCUDX all", "R all"),
}

record "briefing" {
	title = { zh = "汇报方案", en = "Briefing" }, family = "display", label = "internal", title_field = "title", history = true,
	fields = {
		f("title", "题目", "Title", "text", { required = true, max = 100, list = true, search = true }),
		f("occasion", "场合", "Occasion", "text", { max = 100, list = true }),
		f("scenes", "场景", "Scenes", "list", { fields = {
			f("title", "题目", "Title", "text", { required = true, max = 60 }),
			f("screen", "大屏代号", "Screen", "text", { required = true, max = 40 }),
			pick("data", "数据", "Data", { { "live", "实时", "Live" }, { "frozen", "定格", "Frozen" }, { "replay", "回放", "Replay" } }, { required = true }),
			f("as_of", "定格于、回放自", "As of, from", "time", {}),
			f("speed", "回放倍数", "Speed", "integer", { min = 1, max = 3600 }),
			f("focus", "突出的面板", "Panel in focus", "text", { max = 40 }),
			f("minutes", "预计分钟", "Minutes", "number", { required = true, min = 0, max = 240 }),
			f("notes", "讲稿", "Notes", "longtext", { max = 4000 }),
			f("layout", "墙上预案号", "Layout of the wall", "integer", { min = 0, max = 39 }),
		} }),
		f("wall", "拼接墙", "Wall", "ref", { ref = "wall" }),
	},
	checks = { { field = "scenes", fn = function(x)
		if #(x.record.scenes or {}) == 0 then
			return bad("至少要有一个场景", "at least one scene")
		end
		for i, s in ipairs(x.record.scenes) do
			if #all_of("screen", { { field = "code", op = "=", value = s.screen } }) == 0 then
				return bad("第 " .. i .. " 个场景：没有代号为 " .. s.screen .. " 的大屏", "scene " .. i .. ": there is no screen " .. s.screen)
			end
			if s.data ~= "live" and not s.as_of then
				return bad("第 " .. i .. " 个场景：定格、回放须写明时刻", "scene " .. i .. ": frozen or replayed data need their time")
			end
			if s.layout and not x.record.wall then
				return bad("第 " .. i .. " 个场景用了墙上预案，请选定拼接墙", "scene " .. i .. " names a layout: choose the wall")
			end
		end
		return true
	end } },
	rights = show_rights("RCUDX all", "R all"),
}

-- 一次放映：台上每一步是一个新版本，所有屏照此同步；题目与画面停在开始那一刻的版本。
-- A play: every step on stage is a new version, all screens follow it; content stays as it was when it began.
record "play" {
	title = { zh = "放映", en = "Play" }, family = "display", label = "internal", title_field = "title", history = true,
	fields = {
		f("title", "题目", "Title", "text", { required = true, max = 100, list = true, search = true }),
		f("briefing", "汇报方案", "Briefing", "ref", { ref = "briefing", list = true, filter = true }),
		f("briefing_version", "方案的版本", "Its version", "integer", {}),
		f("screen", "大屏代号（不经方案）", "Screen, without a briefing", "text", { max = 40 }),
		pick("mode", "方式", "Mode", { { "rehearse", "排练", "Rehearsal" }, { "live", "正式", "Live" } }, { required = true, list = true, filter = true }),
		f("scene", "当前场景", "Scene", "integer", { required = true, min = 0, max = 999, default = 0 }),
		pick("data", "数据", "Data", { { "live", "实时", "Live" }, { "frozen", "定格", "Frozen" }, { "replay", "回放", "Replay" } }, { required = true, default = "live" }),
		f("as_of", "定格于、回放自", "As of, from", "time", {}),
		f("since", "回放起于", "Replay began", "time", {}),
		f("speed", "回放倍数", "Speed", "integer", { min = 1, max = 3600 }),
		f("jump", "跳到的实况", "Live object shown", "text", { max = 100, help = { zh = "大屏代号，或 site:编号", en = "code of a screen, or site:ID" } }),
		f("focus", "突出的面板", "Panel in focus", "text", { max = 40 }),
		f("blank", "黑屏", "Blank", "bool", { default = false }),
		f("spot", "指点", "Pointer", "object", { fields = { f("x", "横", "x", "integer", {}), f("y", "纵", "y", "integer", {}) } }),
		f("ended", "已结束", "Ended", "bool", { default = false, list = true, filter = true }),
		f("remarks", "排练记下的问题", "Problems noted", "list", { fields = { f("scene", "场景", "Scene", "integer", {}), f("text", "问题", "Problem", "text", { required = true, max = 400 }) } }),
		f("seconds", "各场景用时（秒）", "Seconds of each scene", "list", { fields = { f("scene", "场景", "Scene", "integer", {}), f("n", "秒", "Seconds", "number", {}) } }),
	},
	checks = { { field = "briefing", fn = function(x)
		local p = x.record
		if not p.briefing then
			return p.screen ~= nil or bad("汇报方案与大屏至少写一样", "a briefing or a screen")
		end
		local b = things.get("briefing", p.briefing)
		if not b then
			return bad("没有这个汇报方案", "there is no such briefing")
		end
		if x.old then
			return true
		end
		if p.briefing_version ~= b.version then
			return bad("方案已是第 " .. b.version .. " 版，请重新打开", "the briefing is at version " .. b.version .. ", open it again")
		end
		if p.mode == "live" and things.count { type = "play", filter = { { field = "briefing", op = "=", value = p.briefing }, { field = "mode", op = "=", value = "rehearse" },
			{ field = "ended", op = "=", value = true }, { field = "briefing_version", op = "=", value = b.version } } } == 0 then
			return bad("这一版还没有完整排练过，先排练", "this version has not been rehearsed to its end: rehearse it first")
		end
		return true
	end }, { field = "scene", fn = function(x)
		local p = x.record
		local b = p.briefing and things.get("briefing", p.briefing)
		return not b or p.scene < math.max(#(b.fields.scenes or {}), 1) or (x.old and x.old.scene == p.scene) or bad("没有第 " .. (p.scene + 1) .. " 个场景", "there is no scene " .. (p.scene + 1))
	end }, { field = "data", fn = function(x)
		local p = x.record
		if p.data ~= "live" and not p.as_of then
			return bad("定格、回放须写明时刻", "frozen or replayed data need their time")
		end
		return p.data ~= "replay" or (p.since ~= nil and p.speed ~= nil) or bad("回放须写明起点与倍数", "a replay needs its beginning and speed")
	end } },
	rights = show_rights("RCUX all", "R all"),
}

record "wall" {
	title = { zh = "拼接墙", en = "Video wall" }, family = "display", label = "internal", title_field = "name", history = true,
	fields = {
		f("name", "名称", "Name", "text", { required = true, max = 60, list = true, search = true }),
		canvas("width", "画布宽（像素）", "Canvas width, px"),
		canvas("height", "画布高（像素）", "Canvas height, px"),
		f("outputs", "输出", "Outputs", "list", { fields = {
			f("node", "节点", "Node", "integer", { required = true, min = 1, max = 999 }),
			f("x", "左", "Left", "integer", { required = true, min = 0, max = 61440 }),
			f("y", "上", "Top", "integer", { required = true, min = 0, max = 61440 }),
			f("w", "宽", "Width", "integer", { required = true, min = 1, max = 61440 }),
			f("h", "高", "Height", "integer", { required = true, min = 1, max = 61440 }),
		} }),
		f("controller", "控制器地址", "Address of the controller", "text", { max = 60, list = true, help = { zh = "地址:端口，如 10.1.2.3:5000", en = "IP:PORT" }, check = function(x)
			return x.value:match("^[%d%.]+:%d+$") ~= nil or x.value:match("^%[[%x:]+%]:%d+$") ~= nil or bad("须为 地址:端口", "must be IP:PORT")
		end }),
		pick("dialect", "命令写法", "Dialect", { { "angle", "尖括号 ASCII（docs/protocols/wall.md）", "Angle brackets, ASCII" } }, { default = "angle" }),
		f("timeout_ms", "等待答复（毫秒）", "Waits for a reply, ms", "integer", { min = 100, max = 60000, default = 2000 }),
		f("number", "控制器内的墙号", "Number at the controller", "integer", { min = 0, max = 99, default = 0 }),
	},
	checks = { { field = "outputs", fn = function(x)
		local seen = {}
		for _, o in ipairs(x.record.outputs or {}) do
			if seen[o.node] then
				return bad("节点号重复：" .. o.node, "two outputs of node " .. o.node)
			end
			seen[o.node] = true
			if o.x + o.w > x.record.width or o.y + o.h > x.record.height then
				return bad("节点 " .. o.node .. " 超出画布", "node " .. o.node .. " leaves the canvas")
			end
		end
		return true
	end } },
	rights = STEER,
}

record "wall_command" {
	title = { zh = "拼接命令", en = "Wall command" }, family = "display", label = "internal", title_field = "title", history = true,
	fields = {
		f("title", "命令", "Command", "text", { required = true, max = 40, list = true }),
		f("wall", "拼接墙", "Wall", "ref", { ref = "wall", required = true, list = true, filter = true }),
		f("op", "动作", "Act", "text", { max = 40, filter = true }),
		f("command", "所要求的", "Asked", "longtext", { max = 4100 }),
		f("sent", "发出的字节", "Bytes sent", "longtext", { max = 4100 }),
		f("received", "收到的字节", "Bytes received", "longtext", { max = 4100 }),
		f("took_ms", "用时（毫秒）", "Took, ms", "integer", { list = true }),
		f("tries", "次数", "Tries", "integer", { list = true }),
		f("result", "结果", "Result", "text", { max = 400, list = true, filter = true }),
		f("sent_by", "何人", "By", "text", { max = 60, list = true }),
	},
	rights = { duty_city = "R all", data_chief = "RX all", data_engineer = "R all", leader_city = "R all" },
}
