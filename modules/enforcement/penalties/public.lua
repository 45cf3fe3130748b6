-- 公示、按日连续处罚、移送：处罚决定之后的三条流程 behind the decision: publicity, the daily fine, transfers

-- 公开的名字：个人只写姓 the public name of a person is his surname
local function surname(name)
	return (name or ""):match("^[%z\1-\127\194-\244][\128-\191]*") .. "某"
end
function public_party(r)
	return r.party_kind == "person" and surname(r.party_name) or r.party_name
end

local function plain(text, word, by)
	local out, at = {}, 1
	if not word or #word < 4 then
		return text
	end
	repeat
		local a, b = text:find(word, at, true)
		out[#out + 1] = text:sub(at, (a or 0) - 1)
		if a then
			out[#out + 1], at = by, b + 1
		end
	until not a
	return table.concat(out)
end

-- 连续的数字串里的手机号、身份证号 runs of digits that are a phone's or an identity number
local function digits(text)
	return (text:gsub("%d[%d%-]*[%dXx]", function(run)
		local n = #run:gsub("%-", "")
		if n == 15 or n == 18 or (n == 11 and run:sub(1, 1) == "1") or run:match("^0%d%d%d?%-%d%d%d%d%d%d%d%d?$") then
			return "（略）"
		end
		return run
	end))
end

-- 案里知道的个人：当事人、法定代表人、被询问人 persons that the case knows
local function persons(r)
	local out = {}
	if r.party_kind == "person" then
		out[#out + 1] = r.party_name
		out[#out + 1] = r.party_address
	end
	out[#out + 1] = r.legal_rep
	for _, s in ipairs(r.statements or {}) do
		out[#out + 1] = s.who
	end
	return out
end

function public_text(r, text)
	text = text or ""
	for _, name in ipairs(persons(r)) do
		text = plain(text, name, surname(name))
	end
	return digits(text)
end

-- 还留着什么个人字样，只说种类 what personal string is left, by its kind alone
function leaks_of(r, text)
	local m = {}
	if digits(text) ~= text then
		m[#m + 1] = bad("公示稿里有电话或身份证号", "a phone or identity number is in the text")
	end
	for _, name in ipairs(persons(r)) do
		if #name >= 4 and text:find(name, 1, true) then
			m[#m + 1] = bad("公示稿里有个人姓名或住址", "a person's name or address is in the text")
			break
		end
	end
	return m
end

local READ = { leader_city = "R all", leader_district = "R area", enforce_lead = "RCUFX area", enforce_officer = "RCUF area", legal_review = "RUF all" }

local function of_case(id, zh, en, kind, from, more)
	return f(id, zh, en, kind, (function()
		local x = more or {}
		x.compute = function(y)
			local c = y.record.case and get("penalty_case", y.record.case)
			return c and from(c)
		end
		return x
	end)())
end

record "penalty_disclosure" {
	title = { zh = "处罚信息公示", en = "Publicity of a penalty" }, family = "cases", label = "internal", title_field = "case_no", area = "admin_area", history = true,
	fields = {
		f("case", "案件", "Case", "ref", { ref = "penalty_case", required = true, filter = true }),
		of_case("case_no", "案号", "Case number", "text", function(c) return c.case_no or c.clue_no end, { max = 60, list = true }),
		of_case("decision_date", "决定日", "Decided", "date", function(c) return c.decision_date end, { list = true }),
		of_case("admin_area", "管辖区", "Answering office", "area", function(c) return c.admin_area end, { filter = true }),
		f("due", "最迟公开", "Public by", "date", { list = true, compute = function(x)
			return x.record.decision_date and deadline("publication", x.record.decision_date).next_working_day
		end }),
		f("facts", "违法事实（公示稿）", "Facts, as published", "longtext", { max = 4000 }),
		f("content", "处罚内容（公示稿）", "Content, as published", "longtext", { max = 1000 }),
		f("term_months", "公示期", "Term", "integer", { unit = "个月", min = 1 }),
		f("public_id", "公开的记录", "The public record", "text", { max = 40 }),
		f("published_on", "公开日", "Published", "date", { list = true }),
		f("ends_on", "公示期满", "Ends", "date", { list = true }),
		f("changed_on", "决定被变更撤销之日", "Decision changed on", "date", {}),
		f("withdraw_reason", "撤下理由", "Why withdrawn", "text", { max = 300 }),
		f("repaired_on", "信用修复日", "Credit repaired", "date", {}),
	},
	rights = READ,
}

-- 公众看到的，只有这些 all that the public sees
record "penalty_public" {
	title = { zh = "处罚决定公开", en = "Published penalty" }, family = "cases", label = "public", title_field = "case_no", history = true,
	fields = {
		f("case_no", "案号", "Case number", "text", { required = true, max = 60, list = true, search = true }),
		f("party", "当事人", "Party", "text", { required = true, max = 120, list = true, search = true }),
		f("party_code", "统一社会信用代码", "Credit code", "text", { max = 40 }),
		f("facts", "违法事实", "Facts", "longtext", { required = true, max = 4000 }),
		f("basis", "处罚依据", "Basis", "text", { max = 200 }),
		f("content", "处罚内容", "Content", "longtext", { required = true, max = 1000 }),
		f("office", "决定机关", "Office", "text", { max = 80 }),
		f("decision_date", "决定日", "Decided", "date", { required = true, list = true }),
		f("until", "公示至", "Until", "date", { list = true }),
	},
	rights = { citizen = "R all", leader_city = "R all", leader_district = "R all", enforce_lead = "R all", enforce_officer = "R all", legal_review = "R all", ent_manager = "R all" },
}

local function withdraw(x, reason)
	things.retire { type = "penalty_public", id = x.public_id, reason = reason }
	things.put { type = "penalty_disclosure", id = x.id, set = { public_id = null, withdraw_reason = reason } }
end

-- 决定作出即开公示：机器起草，遮去个人信息 a decision opens its publicity: drafted by machine, persons left out
on("case.moved:penalty", function(e)
	if e.case.state ~= "service" then
		return
	end
	local c = get("penalty_case", e.case.id)
	if things.count { type = "penalty_disclosure", filter = { { field = "case", op = "=", value = c.id } } } > 0 then
		return
	end
	local content = "罚款 " .. (c.fine or "0") .. " 元。" .. (c.other_penalty or "")
	cases.open { flow = "disclosure", set = { case = c.id, facts = public_text(c, c.act_text), content = public_text(c, content), term_months = math.tointeger(parameter("publicity.longest", today())) } }
end)

flow "disclosure" {
	record = "penalty_disclosure", title = { zh = "处罚公示", en = "Publicity" }, version = 1, start = "draft",
	states = {
		{ id = "draft", title = { zh = "起草", en = "Draft" }, kind = "work", roles = { "enforce_officer", "enforce_lead" }, area = "case", form = { "facts", "content", "term_months" },
			clocks = { { id = "publication", title = { zh = "公开", en = "Publication" }, law = "enforcement/deadlines/publication", from = "field:decision_date", ["until"] = { "published", "ended" },
				ladder = { { at = 0.6, act = "remind" }, { at = 0.85, act = "superior" }, { at = 1, act = "supervise" } } } },
			leave = { { to = "check", title = { zh = "送核", en = "To be checked" }, needs = { fields = { "facts", "content", "term_months" } } } }, allow = { "comment", "transfer" } },
		{ id = "check", title = { zh = "第二人核对", en = "Second person" }, kind = "work", roles = { "legal_review", "enforce_lead" }, area = "case", exclude = { "draft" },
			leave = { { to = "published", title = { zh = "公开", en = "Publish" }, needs = { guard = function(x)
				local c, m = get("penalty_case", x.record.case), {}
				for _, l in ipairs(leaks_of(c, (x.record.facts or "") .. (x.record.content or ""))) do
					m[#m + 1] = l
				end
				if #m > 0 then
					return { missing = m }
				end
				return true
			end }, on = function(x)
				local c, r = get("penalty_case", x.record.case), x.record
				local ends = time_add(today(), string.format("P%dM", math.tointeger(r.term_months))):sub(1, 10)
				local public = things.put { type = "penalty_public", set = { case_no = c.case_no or c.clue_no, party = public_party(c), party_code = c.party_kind ~= "person" and c.party_code or null, facts = r.facts,
					basis = c.penalty_clause, content = r.content, office = "南京市生态环境局", decision_date = c.decision_date, ["until"] = ends } }
				things.put { type = "penalty_disclosure", id = x.case.id, set = { public_id = public.id, published_on = today(), ends_on = ends } }
			end } }, allow = { "comment", "return" } },
		{ id = "published", title = { zh = "公示中", en = "Published" }, kind = "wait", roles = { "enforce_officer", "enforce_lead" }, area = "case", form = { "changed_on", "withdraw_reason", "repaired_on" },
			clocks = { { id = "withdrawal", title = { zh = "撤回", en = "Withdrawal" }, law = "enforcement/deadlines/withdrawal", from = "field:changed_on", ladder = { { at = 0.5, act = "remind" }, { at = 1, act = "supervise" } } } },
			leave = {
				{ id = "withdraw", to = "ended", title = { zh = "撤回公开并说明理由", en = "Withdraw" }, needs = { fields = { "changed_on", "withdraw_reason" } }, on = function(x)
					withdraw({ id = x.case.id, public_id = x.record.public_id }, x.record.withdraw_reason)
				end },
				{ id = "repair", to = "ended", title = { zh = "信用修复，提前撤下", en = "Repaired" }, needs = { fields = { "repaired_on" }, guard = function(x)
					local least = parameter("publicity.shortest", today())
					if x.record.repaired_on < time_add(x.record.published_on, string.format("P%dM", math.tointeger(least))):sub(1, 10) then
						return { missing = { bad(string.format("公示不满最短的 %d 个月", math.tointeger(least)), "not published for the shortest term") } }
					end
					return true
				end }, on = function(x)
					withdraw({ id = x.case.id, public_id = x.record.public_id }, "信用修复")
				end },
				{ id = "over", to = "ended", title = { zh = "公示期满", en = "Term over" }, needs = { guard = function(x)
					if today() <= (x.record.ends_on or "9999") then
						return { missing = { bad("公示至 " .. x.record.ends_on .. "，未满", "the term is not over") } }
					end
					return true
				end }, on = function(x)
					withdraw({ id = x.case.id, public_id = x.record.public_id }, "公示期满")
				end },
			}, allow = { "comment", "transfer" } },
		{ id = "ended", title = { zh = "已撤下", en = "Withdrawn" }, kind = "end", roles = { "enforce_lead" }, area = "case" },
	},
}

function end_of_terms()
	for _, d in ipairs(all_of("penalty_disclosure", { { field = "ends_on", op = "<", value = today() } })) do
		if d.public_id then
			cases.act { flow = "disclosure", id = d.id, act = "go", to = "over" }
		end
	end
end
every "publicity" { "daily 00:30", end_of_terms }
