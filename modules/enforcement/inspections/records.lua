-- 执法人员、抽取、检查任务 officers, draws, tasks

local function codes_list(id, zh, en)
	return f(id, zh, en, "list", { fields = { f("code", "编码", "Code", "text", { required = true, max = 40 }) } })
end

record "inspector" {
	title = { zh = "执法人员", en = "Inspector" }, family = "inspections", label = "internal", title_field = "code", history = true,
	fields = {
		f("code", "编号", "Code", "text", { required = true, unique = true, max = 20, list = true, search = true }),
		f("name", "姓名", "Name", "text", { required = true, max = 40, personal = { purpose = { zh = "执法检查", en = "Inspections" }, basis = "行政处罚法 42", keep_days = 3650, mask = "name",
			unmask = { "enforce_lead" } } }),
		f("certificate", "执法证号", "Certificate", "text", { required = true, unique = true, max = 30, list = true }),
		f("valid_to", "有效期至", "Valid to", "date", { required = true, list = true }),
		codes_list("areas", "负责的区", "Areas"),
		f("on_leave", "休假", "On leave", "bool", { default = false, filter = true }),
		f("cap", "每季至多家数", "At most, a quarter", "integer", { min = 0, max = 999, default = 999 }),
		codes_list("avoid", "应回避的单位", "To avoid"),
		codes_list("last", "上次检查过的单位", "Inspected last time"),
	},
	rights = { leader_city = "R all", enforce_lead = "RCUX all", enforce_officer = "R all", legal_review = "R all" },
}

local FROZEN = { "draw", "day", "objects", "officers", "objects_digest", "officers_digest", "secret_digest", "public_source", "frozen_at" }
local DRAWN = { "public_number", "secret", "seed" }

record "draw" {
	title = { zh = "双随机抽取", en = "Random draw" }, family = "inspections", label = "public", title_field = "draw", history = true,
	fields = {
		f("draw", "抽取编号", "Draw", "text", { required = true, unique = true, max = 40, list = true, search = true }),
		f("quarter", "季度", "Quarter", "text", { required = true, max = 10, list = true, filter = true }),
		f("day", "基准日", "Day", "date", { required = true, list = true, help = { zh = "执法证在这一天须有效", en = "certificates must be valid on it" } }),
		f("reason", "理由", "Reason", "text", { max = 300 }),
		f("secret_digest", "承诺：密语的 SM3", "Commitment", "text", { required = true, max = 64, help = { zh = "审计管理员在冻结时公布，抽取时揭示密语", en = "SM3 of a secret, revealed at the draw" },
			check = function(x)
				return #x.value == 64 and x.value:match("^%x+$") ~= nil or bad("须为 64 位十六进制", "64 hexadecimal digits")
			end }),
		f("public_source", "公开随机数的来源", "Source of the public number", "text", { required = true, max = 200, help = { zh = "冻结之后才产生、谁也控制不了的数，如某日某期彩票", en = "known only after the freeze" } }),
		f("rule", "规则", "Rule", "object", { fields = { f("key_percent", "重点单位比例", "Percent of key units", "integer", {}), f("general_per_officer", "一般单位每人每年", "General units an officer a year", "integer", {}),
			f("officers_per_object", "每家人数", "Officers a firm", "integer", {}), f("freeze_hours", "冻结小时", "Hours frozen", "integer", {}) } }),
		f("objects", "对象名录", "Pool of objects", "longtext", {}),
		f("officers", "人员名录", "Pool of officers", "longtext", {}),
		f("objects_digest", "对象名录摘要", "Digest of the objects", "text", { max = 64 }),
		f("officers_digest", "人员名录摘要", "Digest of the officers", "text", { max = 64 }),
		f("frozen_at", "冻结时间", "Frozen", "time", { list = true }),
		f("public_number", "公开随机数", "Public number", "text", { max = 200 }),
		f("secret", "密语", "Secret", "text", { max = 200, help = { zh = "未揭示则留空，并注明", en = "empty when it was not revealed" } }),
		f("seed", "种子", "Seed", "text", { max = 64 }),
		f("results", "结果", "Results", "list", { fields = { f("object", "对象", "Object", "text", { max = 40 }), f("area", "区", "Area", "text", { max = 10 }), f("class", "类别", "Class", "text", { max = 10 }),
			f("officers", "人员", "Officers", "text", { max = 60 }), f("widened", "扩大到全市", "City pool", "bool", {}) } }),
		f("position", "数流位置", "Position in the stream", "integer", {}),
		f("swaps", "换人", "Swaps", "list", { fields = { f("object", "对象", "Object", "text", { max = 40 }), f("outgoing", "换下", "Out", "text", { max = 20 }), f("reason", "理由", "Reason", "text", { max = 200 }),
			f("incoming", "换上", "In", "text", { max = 20 }), f("position", "数流位置", "Position", "integer", {}) } }),
		f("swap_object", "换人：对象", "Swap: object", "text", { max = 40 }),
		f("swap_out", "换人：换下", "Swap: out", "text", { max = 20 }),
		f("swap_reason", "换人：理由", "Swap: reason", "text", { max = 200 }),
	},
	checks = {
		-- 冻结的不能改，抽出的只能是数流给的 what is frozen stays; results are the stream's, whoever writes them
		{ field = "objects", fn = function(x)
			local r, old = x.record, x.old or {}
			for _, id in ipairs(FROZEN) do
				if old.frozen_at and r[id] ~= old[id] then
					return bad("名录已冻结，" .. id .. " 不能再改", "frozen: it cannot be changed")
				end
			end
			for _, id in ipairs(DRAWN) do
				if old.seed and r[id] ~= old[id] then
					return bad("已抽取，" .. id .. " 不能再改；重抽须另立一次并写明理由", "drawn: it cannot be changed")
				end
			end
			if r.frozen_at and (pool_digest(r.objects or "") ~= r.objects_digest or pool_digest(r.officers or "") ~= r.officers_digest) then
				return bad("名录与摘要不符", "the pools differ from their digests")
			end
			return true
		end },
		{ field = "results", fn = function(x)
			local r = x.record
			if not r.seed then
				if r.results then
					return bad("还没有种子，不能有结果", "no seed yet, no results")
				end
				return true
			end
			if r.secret and r.secret ~= "" and sm3(r.secret) ~= r.secret_digest then
				return bad("密语与承诺不符", "the secret is not the one committed to")
			end
			if r.seed ~= seed_of(r) then
				return bad("种子与材料不符", "the seed does not follow from its parts")
			end
			local results, position, swaps = run_draw(r, r.swaps)
			local function same(a, b, fields)
				if #a ~= #(b or {}) then
					return false
				end
				for i, row in ipairs(a) do
					for _, id in ipairs(fields) do
						local v = row[id]
						if v == null then
							v = nil
						end
						if v ~= b[i][id] and not (v == "" and b[i][id] == nil) then
							return false
						end
					end
				end
				return true
			end
			if position ~= r.position or not same(results, r.results, { "object", "area", "class", "officers", "widened" }) then
				return bad("结果不是数流给出的：没有人能指定", "results are not those of the stream: nobody chooses")
			end
			if not same(swaps, r.swaps, { "object", "outgoing", "incoming", "position" }) then
				return bad("换上的人不是数流的下一个", "the one who comes in is not the next of the stream")
			end
			return true
		end },
	},
	rights = { leader_city = "R all", leader_district = "R all", enforce_lead = "RCF all", enforce_officer = "R all", legal_review = "R all", citizen = "R all", ent_manager = "R all" },
}

record "inspection_task" {
	title = { zh = "检查任务", en = "Inspection task" }, family = "inspections", label = "internal", title_field = "title", area = "admin_area", history = true,
	number = { format = "JC{date}{n:4}", field = "no" },
	fields = {
		f("no", "任务号", "Number", "text", { list = true, search = true }),
		f("title", "任务", "Task", "text", { required = true, max = 120, list = true, search = true }),
		pick("kind", "种类", "Kind", { { "random", "双随机", "Random" }, { "special", "专项", "Special" }, { "complaint", "投诉", "Complaint" }, { "event", "事件", "Event" }, { "recheck", "复查", "Recheck" } },
			{ required = true, filter = true, list = true }),
		f("object", "对象", "Object", "text", { required = true, max = 40, filter = true }),
		f("discharger", "排污单位", "Discharger", "ref", { ref = "discharger", filter = true }),
		f("officers", "检查人员", "Officers", "text", { max = 60, list = true }),
		f("draw", "抽取", "Draw", "text", { max = 40, filter = true }),
		f("window_to", "窗口止", "Window to", "date", { list = true }),
		f("visit_on", "检查日", "Visit", "date", {}),
		f("shown", "已出示证件", "Certificates shown", "bool", {}),
		f("record_text", "检查记录", "Record", "longtext", { max = 4000 }),
		pick("result", "结论", "Result", { { "no_problem", "未发现问题", "No problem" }, { "corrected", "发现问题并已改正", "Corrected" }, { "order", "责令改正", "Order" }, { "case", "建议立案", "Case suggested" },
			{ "not_reachable", "未能检查（停业、搬迁）", "Not reachable" } }, { filter = true }),
		f("party_opinion", "当事人意见（拒签理由）", "Party's opinion", "text", { max = 500 }),
		f("admin_area", "管辖区", "Answering office", "area", { filter = true }),
	},
	rights = { leader_city = "R all", leader_district = "R area", enforce_lead = "RUF area", enforce_officer = "RUF area", legal_review = "R all" },
}
