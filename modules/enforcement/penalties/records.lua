-- 案件 the case

local function person(mask)
	return { purpose = { zh = "办理行政处罚案件", en = "Handling of penalty cases" }, basis = "行政处罚法 54", keep_days = 10950, mask = mask,
		unmask = { "enforce_officer", "enforce_lead", "legal_review" } }
end

code "penalty_conduct" {
	title = { zh = "违法行为", en = "Conduct" },
	rows = {
		{ code = "W01", zh = "超过水污染物排放标准排放", en = "Water pollutants above the standard" },
		{ code = "W02", zh = "利用暗管、渗井等逃避监管排放水污染物", en = "Hidden pipes, seepage wells" },
		{ code = "A01", zh = "超过大气污染物排放标准排放", en = "Air pollutants above the standard" },
		{ code = "A02", zh = "篡改、伪造自动监测数据", en = "Forged automatic data" },
		{ code = "A03", zh = "不正常使用污染防治设施", en = "Treatment not run as it should" },
		{ code = "P01", zh = "未取得排污许可证排放污染物", en = "Discharge without a permit" },
		{ code = "P02", zh = "未按排污许可证要求开展自行监测", en = "Self-monitoring not as permitted" },
		{ code = "S01", zh = "未按规定贮存危险废物", en = "Hazardous waste not stored as required" },
		{ code = "N01", zh = "超过噪声排放标准排放", en = "Noise above the standard" },
	},
}

local EVIDENCE = { { "documentary", "书证", "Documentary" }, { "physical", "物证", "Physical" }, { "audiovisual", "视听资料", "Audio-visual" }, { "electronic", "电子数据", "Electronic data" },
	{ "testimony", "证人证言", "Testimony" }, { "party", "当事人陈述", "Party's statement" }, { "expert", "鉴定意见", "Expert opinion" }, { "record", "勘验、现场笔录", "On-site record" } }

record "penalty_case" {
	title = { zh = "处罚案件", en = "Penalty case" }, family = "cases", label = "internal", title_field = "title", area = "admin_area", org = "party_code", assigned = "handlers", history = true,
	number = { format = "XS{date}{n:4}", field = "clue_no" },
	fields = {
		f("clue_no", "线索号", "Clue number", "text", { list = true, search = true }),
		f("title", "案由", "Case", "text", { required = true, max = 120, list = true, search = true }),
		f("case_no", "案号", "Case number", "text", { max = 60, list = true, search = true, help = { zh = "批准立案时编号", en = "given when the filing is approved" } }),
		pick("procedure", "程序", "Procedure", { { "general", "普通程序", "General" }, { "simple", "简易程序", "Simple" } }, { required = true, default = "general", filter = true }),
		f("admin_area", "管辖区", "Answering office", "area", { required = true, filter = true, list = true }),
		f("handlers", "经办人", "Handlers", "user", {}),

		f("discharger", "排污单位", "Discharger", "ref", { ref = "discharger", filter = true }),
		pick("party_kind", "当事人", "Party", { { "unit", "单位", "Unit" }, { "person", "个人", "Person" } }, { filter = true }),
		f("party_name", "当事人名称（姓名）", "Name of the party", "text", { max = 120, list = true, search = true }),
		f("party_code", "统一社会信用代码", "Credit code", "text", { max = 40, search = true }),
		f("party_idcard", "身份证号", "Identity number", "text", { max = 30, personal = person("idcard") }),
		f("party_address", "住所（送达地址）", "Address for service", "text", { max = 200 }),
		f("legal_rep", "法定代表人（负责人）", "Legal representative", "text", { max = 60, personal = person("name") }),
		f("party_phone", "电话", "Phone", "text", { max = 30, personal = person("phone") }),

		f("conduct", "违法行为", "Conduct", "code", { codes = "penalty_conduct", filter = true, list = true }),
		f("act_text", "违法事实", "Facts", "longtext", { max = 4000 }),
		f("act_place", "地点", "Place", "text", { max = 200 }),
		f("act_from", "行为开始", "Act from", "date", {}),
		f("act_end", "行为终了", "Act ended", "date", { help = { zh = "连续、继续的行为从终了之日起算追责时效", en = "limitation counts from here" } }),
		f("harm_life", "涉及生命健康安全、金融安全且有危害后果", "Harm to life, health or finance", "bool", { default = false }),
		f("discovered_at", "发现日", "Discovered", "date", {}),
		pick("how", "线索来源", "Source of the clue", { { "event", "事件", "Event" }, { "inspection", "检查", "Inspection" }, { "data", "自动监测", "Automatic data" }, { "complaint", "投诉举报", "Complaint" },
			{ "transfer", "移送", "Transferred in" } }, { filter = true }),
		f("violated_clause", "违反的条款", "Clause violated", "text", { max = 200 }),
		f("penalty_clause", "处罚依据", "Clause of the penalty", "text", { max = 200 }),
		f("law_version", "法律文本版本", "Version of the text", "text", { max = 80 }),
		f("lighter_rule", "从旧兼从轻", "Old law unless the new is lighter", "text", { max = 300 }),
		f("not_filed_reason", "不予立案理由", "Why not filed", "longtext", { max = 1000 }),
		f("transfer_to", "移送机关", "Transferred to", "text", { max = 80 }),
		f("transfer_reason", "移送理由", "Why transferred", "longtext", { max = 1000 }),

		f("officers", "执法人员", "Officers", "list", { fields = { f("name", "姓名", "Name", "text", { required = true, max = 40 }), f("certificate", "执法证号", "Certificate", "text", { required = true, max = 30 }),
			f("valid_to", "有效期至", "Valid to", "date", { required = true }) } }),
		f("filed_at", "立案日", "Filed", "date", { list = true, filter = true }),
		f("elements", "违法构成要件", "Elements", "list", { fields = { f("id", "编号", "No.", "text", { required = true, max = 10 }), f("fact", "事实", "Fact", "text", { required = true, max = 300 }) } }),
		f("evidence", "证据", "Evidence", "list", { fields = { f("no", "序号", "No.", "text", { required = true, max = 10 }), pick("kind", "种类", "Kind", EVIDENCE, { required = true }),
			f("proves", "证明要件", "Proves", "text", { max = 60 }), f("what", "内容", "What", "text", { max = 200 }), f("taken_on", "取得日", "Taken on", "date", {}),
			f("officers", "取证人", "Taken by", "text", { max = 80 }), f("digest", "摘要", "Digest", "text", { max = 64 }), f("source", "来源（图表、日志区间）", "Source", "text", { max = 120 }),
			f("excluded", "排除理由", "Excluded because", "text", { max = 200 }) } }),
		f("statements", "询问笔录", "Statements", "list", { fields = { f("who", "被询问人", "Who", "text", { required = true, max = 60 }), f("from", "起", "From", "time", { required = true }),
			f("to", "止", "To", "time", { required = true }), f("officers", "询问人", "By", "text", { required = true, max = 80 }), f("place", "地点", "Place", "text", { max = 80 }),
			f("text", "内容", "Text", "longtext", { max = 4000 }) } }),
		f("site_text", "现场检查记录", "On-site record", "longtext", { max = 4000 }),
		f("preserved", "先行登记保存", "Kept in advance", "list", { fields = { f("what", "物品", "What", "text", { max = 120 }), f("on", "日期", "On", "date", { required = true }),
			pick("outcome", "处理", "Outcome", { { "release", "解除", "Released" }, { "seal", "查封", "Sealed" }, { "transfer", "移送", "Transferred" }, { "appraise", "鉴定", "Appraised" } }) } }),

		f("order_text", "责令改正内容", "Order to correct", "longtext", { max = 2000 }),
		f("order_served_at", "责令改正送达日", "Order served", "date", {}),

		f("min_fine", "法定下限", "Minimum", "money", { min = 0 }),
		f("max_fine", "法定上限", "Maximum", "money", { min = 0 }),
		f("discretion_table", "裁量表版本", "Discretion table", "text", { max = 80 }),
		f("discretion", "裁量因素", "Factors", "list", { fields = { f("factor", "因素", "Factor", "text", { required = true, max = 60 }), f("level", "档次", "Level", "text", { max = 60 }),
			f("percent", "百分点", "Percent", "number", { required = true, min = -100, max = 100 }), f("fact", "事实", "Fact", "text", { max = 200 }), f("evidence", "证据", "Evidence", "text", { max = 60 }) } }),
		f("computed_fine", "裁量结果", "Computed fine", "money", { compute = function(x)
			local r = x.record
			if not (r.min_fine and r.max_fine) then
				return nil
			end
			return (discretion(tonumber(r.min_fine), tonumber(r.max_fine), r.discretion))
		end }),
		pick("adjust", "法定情节", "Statutory adjustment", { { "none", "无", "None" }, { "lighter", "从轻", "Lighter" }, { "mitigated", "减轻", "Mitigated" }, { "heavier", "从重", "Heavier" },
			{ "exempt", "不予处罚", "Exempt" } }, { default = "none" }),
		f("adjust_clause", "依据条款", "Clause of it", "text", { max = 200 }),
		f("fine", "拟处罚款", "Fine", "money", { min = 0, list = true }),
		f("fine_words", "罚款大写", "Fine in words", "text", { max = 80, compute = function(x)
			return x.record.fine and capital(tonumber(x.record.fine))
		end }),
		f("other_penalty", "其他处罚", "Other penalty", "text", { max = 300 }),
		f("heavy", "重大、复杂或责令停产、吊销、没收较大数额", "Heavy or complex", "bool", { default = false }),
		pick("review_opinion", "审核意见", "Opinion of the review", { { "agree", "同意", "Agree" }, { "correct", "纠正", "Correct" }, { "supplement", "补充调查", "Supplement" }, { "disagree", "不同意", "Disagree" },
			{ "transfer", "移送", "Transfer" } }),
		f("review_text", "审核说明", "Review", "longtext", { max = 2000 }),

		f("notified_fine", "告知的罚款", "Fine notified", "money", { min = 0 }),
		f("notice_served_at", "告知书送达日", "Notice served", "date", {}),
		f("statement_due", "陈述申辩与听证申请期限", "Statement due", "date", { compute = function(x)
			return x.record.notice_served_at and deadline("statement", x.record.notice_served_at).next_working_day
		end }),
		f("waived", "书面放弃陈述申辩", "Waived in writing", "bool", { default = false }),
		f("defence", "陈述申辩", "Defence", "list", { fields = { f("point", "意见", "Point", "text", { required = true, max = 500 }), pick("answer", "答复", "Answer", { { "accept", "采纳", "Accept" },
			{ "refuse", "不采纳", "Refuse" } }), f("reason", "理由", "Reason", "text", { max = 500 }) } }),
		f("hearing_requested_at", "申请听证日", "Hearing requested", "date", {}),
		f("hearing_notice_served", "听证通知送达日", "Hearing notice served", "date", {}),
		f("hearing_at", "听证日", "Hearing", "date", {}),
		f("hearing_chair", "听证主持人", "Chair", "text", { max = 60 }),
		f("hearing_text", "听证笔录", "Minutes", "longtext", { max = 4000 }),
		f("panel_size", "应到人数", "Members", "integer", { min = 1, max = 99 }),
		f("panel", "集体讨论意见", "Panel", "list", { fields = { f("name", "姓名", "Name", "text", { required = true, max = 40 }), f("opinion", "意见", "Opinion", "text", { required = true, max = 500 }) } }),

		f("decision_date", "决定日", "Decided", "date", { list = true }),
		f("overdue_reason", "超期说明", "Why late", "longtext", { max = 1000 }),
		pick("service_way", "送达方式", "Way of service", { { "direct", "直接送达", "Direct" }, { "left", "留置送达", "Left with witness" }, { "electronic", "电子送达", "Electronic" }, { "post", "邮寄送达", "Post" },
			{ "entrusted", "委托送达", "Entrusted" }, { "notice", "公告送达", "Public notice" } }),
		f("served_at", "送达日", "Served", "date", {}),
		f("received_by", "收件人及关系", "Received by", "text", { max = 80 }),
		f("payment_due", "缴款期限", "Payment due", "date", { list = true, compute = function(x)
			return x.record.served_at and deadline("payment", x.record.served_at).next_working_day
		end }),
		f("paid", "缴款", "Payments", "list", { fields = { f("on", "日期", "On", "date", { required = true }), f("amount", "金额", "Amount", "money", { required = true, min = 0 }), f("receipt", "票据", "Receipt", "text", { max = 60 }) } }),
		f("paused_days", "复议诉讼期间", "Days of review or suit", "integer", { min = 0 }),
		f("surcharge_due", "应缴加处罚款", "Surcharge due", "money", { compute = function(x)
			return surcharge_of(x.record)
		end }),
		f("press_served_at", "催告书送达日", "Press letter served", "date", {}),
		f("review_ended_on", "复议、诉讼终结日", "Review or suit ended", "date", { help = { zh = "没有复议、诉讼的不填，按六个月算", en = "empty where there was none: six months" } }),
		f("court_from", "可申请法院执行，自次日", "Court from the day after", "date", { compute = function(x)
			local r = x.record
			return r.review_ended_on or r.served_at and deadline("suit", r.served_at).next_working_day
		end }),
		f("court_due", "最迟申请法院执行", "Court by", "date", { list = true, compute = function(x)
			return x.record.court_from and deadline("court", x.record.court_from).next_working_day
		end }),
		f("court_applied_at", "申请法院执行日", "Applied to the court", "date", {}),
		f("instalment", "分期延期", "Instalments", "text", { max = 300 }),
		pick("closing_kind", "结案方式", "Closed as", { { "executed", "执行完毕", "Executed" }, { "court", "法院受理强制执行并执行完毕", "By the court" }, { "no_penalty", "不予处罚", "No penalty" },
			{ "transferred", "移送", "Transferred" }, { "terminated", "终止", "Terminated" }, { "revoked", "撤销", "Revoked" } }, { filter = true }),
		f("closed_at", "结案日", "Closed", "date", {}),
	},
	checks = {
		{ field = "officers", fn = function(x)
			local seen = {}
			for _, o in ipairs(x.record.officers or {}) do
				if seen[o.certificate] then
					return bad("两名执法人员不能是同一执法证 " .. o.certificate, "two officers have one certificate")
				end
				seen[o.certificate] = true
			end
			return true
		end },
		{ field = "statements", fn = function(x)
			local s = x.record.statements or {}
			for i = 1, #s do
				if s[i].to < s[i].from then
					return bad("询问 " .. s[i].who .. " 的结束早于开始", "a statement ends before it begins")
				end
				for j = 1, i - 1 do
					if s[i].from < s[j].to and s[j].from < s[i].to then
						for name in words_of(s[i].officers) do
							if has_word(s[j].officers, name) then
								return bad(name .. " 同时询问 " .. s[i].who .. " 和 " .. s[j].who, "one officer interviews two people at once")
							end
						end
					end
				end
			end
			return true
		end },
		{ field = "adjust_clause", fn = function(x)
			local r = x.record
			if r.fine and r.min_fine and tonumber(r.fine) < tonumber(r.min_fine) and not ((r.adjust == "mitigated" or r.adjust == "exempt") and r.adjust_clause) then
				return bad("罚款低于法定下限须有减轻的情节与条款", "below the minimum only with the clause of mitigation")
			end
			if (r.adjust == "mitigated" or r.adjust == "exempt") and not r.adjust_clause then
				return bad("减轻、不予处罚须写明条款", "mitigation needs its clause")
			end
			return true
		end },
		{ field = "fine", fn = function(x)
			local r = x.record
			if r.fine and r.max_fine and tonumber(r.fine) > tonumber(r.max_fine) then
				return bad("罚款高于法定上限", "the fine is above the maximum")
			end
			if r.fine and tonumber(r.fine) % 1 ~= 0 then
				return bad("罚款取整到元", "whole yuan")
			end
			return true
		end },
		{ field = "max_fine", fn = function(x)
			if x.record.min_fine and x.record.max_fine and tonumber(x.record.max_fine) < tonumber(x.record.min_fine) then
				return bad("上限低于下限", "the maximum is below the minimum")
			end
			return true
		end },
	},
	rights = {
		leader_city = "RF all", leader_district = "RF area", enforce_lead = "RCUFX area", enforce_officer = "RCUFX area", legal_review = "RUF all",
		line_air = "R all", line_water = "R all", line_waste = "R all", ent_manager = "R own",
	},
}
