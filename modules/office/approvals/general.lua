-- 一条通用的路，各事项只靠数据不同：须填什么、须交什么、公示几日、几日办结
-- One course for all items: what is asked, which papers, which notices and how many days are data.

local FIELD_NAMES = {}
for _, a in ipairs(ASKED) do
	FIELD_NAMES[a[1]] = a
end
local DISCLOSED_DAYS = 5 -- 重点管理：申请前公开不少于五个工作日

-- 须作论证报告 whether the argument report is needed
local function report_needed(r)
	return r.toxic or (r.trade ~= nil and r.trade ~= "other")
end
local ONLY = {
	key = function(r) return r.manage_class == "key" end,
	report = report_needed,
	brief = function(r) return not report_needed(r) end,
}

-- 机器核查写给审查人，不代替他 told to the examiner, who decides
function finding_of(r)
	if r.change_kind == "renew" and r.permit_expiry and time_add(today(), "P60D"):sub(1, 10) > r.permit_expiry then
		return "延续申请晚于有效期满前 60 日（排污许可管理条例 14）"
	end
	return nil
end

-- 提交前缺什么：表、人、材料 what lacks before it is handed in
function application_lacks(x, course)
	local r, m, files = x.record, {}, {}
	local item = get("approval_item", r.item)
	if item.course ~= course then
		m[#m + 1] = item.course == "guide" and bad("“" .. item.name .. "”目前只有办事指南，不能网上申报", "this item has a guide only") or bad("“" .. item.name .. "”不走这一步", "this item does not go this way")
		return m
	end
	if not (r.applicant_kind == "person" and r.person or r.applicant and r.credit_code) then
		m[#m + 1] = bad("写明申请单位与信用代码，或申请人姓名", "the applicant with the credit code, or the person's name")
	end
	for _, a in ipairs(item.ask or {}) do
		if r[a.field] == nil then
			m[#m + 1] = bad("没有填写：" .. FIELD_NAMES[a.field][2], "not filled in: " .. FIELD_NAMES[a.field][3])
		end
	end
	if r.manage_class == "key" and item.code == "B01" and not (r.disclosed_on and workdays(r.disclosed_on, DISCLOSED_DAYS) <= today()) then
		m[#m + 1] = bad("重点管理单位申请前须公开不少于 5 个工作日", "key units disclose for five working days first")
	end
	for _, file in ipairs(x.case.files or {}) do
		files[file.kind] = true
	end
	for _, p in ipairs(all_of("approval_material", { { field = "item", op = "=", value = item.id } }, "key")) do
		if p.need == "must" and p.source == "applicant" and not files[p.code] and (not p.only or ONLY[p.only](r)) then
			m[#m + 1] = bad("缺少材料：" .. p.name .. "（" .. p.code .. "）", "paper missing: " .. p.code)
		end
	end
	return m
end

-- 公开的称呼：个人只写姓 how the public is told of the applicant
local function public_name(r)
	if r.applicant_kind ~= "person" then
		return r.applicant
	end
	return (r.person or ""):match("^[%z\1-\127\194-\244][\128-\191]*") .. "某"
end
local function give_notice(x, stage, item, to, number)
	local r = x.record
	things.put { type = "approval_notice", set = { application = r.no, item = item.name, stage = stage, project = r.project, applicant = public_name(r), from = today(), to = to or null, result_no = number or null } }
end

local function item_of(x)
	return get("approval_item", x.record.item)
end
local function examined(x, with_notice)
	local m, r, item = {}, x.record, item_of(x)
	if with_notice ~= ((item.notice_decide_days or 0) > 0) then
		m[#m + 1] = with_notice and bad("此事项不须拟批公示", "this item has no notice before the decision") or bad("此事项须先拟批公示", "this item needs the notice first")
	end
	if r.accept_notice_to and today() <= r.accept_notice_to then
		m[#m + 1] = bad("受理公示至 " .. r.accept_notice_to .. "，未满", "the notice of acceptance is not over")
	end
	return lacks(m)
end

local function number_of(x, id)
	local no
	for _, d in ipairs(x.case.documents or {}) do
		no = d.document == id and d.number or no
	end
	return no
end

-- 附件的种类，各事项的要求见 approval_material kinds of files; what an item asks for is in approval_material
local MATERIALS = {}
for _, k in ipairs {
	{ "form", "申请表", "Application form" }, { "document", "环评文件全本", "Full assessment document" }, { "public_copy", "公开本", "Public copy" }, { "deletion", "删减说明", "What was left out" },
	{ "basis", "建设依据文件", "Basis of the project" }, { "brief", "简要分析材料", "Brief analysis" }, { "report", "论证报告", "Argument report" }, { "disclosure", "申请前公开说明", "Disclosure before applying" },
	{ "eia", "环评批复", "Approval of the assessment" }, { "licence", "营业执照", "Business licence" }, { "participation", "公众参与说明", "Public participation" }, { "permit", "现行排污许可证", "Permit in force" },
} do
	MATERIALS[#MATERIALS + 1] = { kind = k[1], title = { zh = k[2], en = k[3] } }
end

local granted, refused, delivered, done, declined = closing_states()
flow "approval" {
	record = "application", title = { zh = "审批", en = "Approval" }, version = 1, start = "draft", open_roles = APPLICANT, files = MATERIALS,
	documents = {
		{ id = "receipt", title = { zh = "受理通知书", en = "Acceptance" }, template = "documents/accepted.html", number = "宁环受〔{year}〕{n}号", states = { "examining" }, needs = { "no", "accepted_at" } },
		{ id = "correction", title = { zh = "补正告知书", en = "Correction" }, template = "documents/correct.html", number = "宁环补〔{year}〕{n}号", states = { "received" }, needs = { "no", "correction" } },
		{ id = "decision", title = { zh = "准予决定书", en = "Grant" }, template = "documents/decision.html", number = "宁环准〔{year}〕{n}号", states = { "deciding" }, needs = { "no", "opinion" } },
		{ id = "refusal", title = { zh = "不予批准决定书", en = "Refusal" }, template = "documents/refused.html", number = "宁环不予〔{year}〕{n}号", states = { "deciding" }, needs = { "no", "refusal" } },
		{ id = "filing", title = { zh = "备案回执", en = "Receipt of the filing" }, template = "documents/filed.html", states = { "delivered" }, needs = { "no", "result_no" } },
	},
	states = {
		{ id = "draft", title = { zh = "草稿", en = "Draft" }, kind = "work", roles = APPLICANT, area = "case",
			form = { "item", "project", "applicant_kind", "applicant", "person", "credit_code", "contact", "phone", "place", "district", "project_code", "trade", "toxic", "manage_class", "disclosed_on",
				"change_kind", "permit_no", "permit_expiry", "river", "outlet_way", "flow_m3d", "request" },
			required = { "item", "project", "contact", "phone" },
			leave = {
				{ to = "received", title = { zh = "提交", en = "Submit" }, needs = { guard = function(x) return lacks(application_lacks(x, "examined")) end } },
				{ to = "delivered", title = { zh = "当场备案", en = "File at once" }, needs = { guard = function(x) return lacks(application_lacks(x, "at_once")) end }, on = function(x)
					local no = number("宁环备〔{year}〕{n}号")
					things.put { type = "application", id = x.case.id, set = { result_no = no, decided_at = today(), delivered_at = now() } }
					give_notice(x, "filed", item_of(x), nil, no)
				end },
			}, allow = { "comment", "withdraw" } },
		received_state("application", function(x)
			local item = item_of(x)
			if (item.notice_accept_days or 0) > 0 then
				local to = workdays(today(), item.notice_accept_days)
				things.put { type = "application", id = x.case.id, set = { accept_notice_to = to } }
				give_notice(x, "accepted", item, to)
			end
		end),
		{ id = "examining", title = { zh = "审查中", en = "Examining" }, kind = "work", roles = { "approve_handler" }, area = "case", form = { "opinion", "conditions", "objections" },
			clocks = course_clocks { "visit", "expert", "hearing", "test", "publicity" },
			leave = {
				{ to = "publicity", title = { zh = "拟批公示", en = "Notice" }, needs = { fields = { "opinion" }, documents = { "receipt" }, guard = function(x) return examined(x, true) end }, on = function(x)
					local item = item_of(x)
					local to = workdays(today(), item.notice_decide_days)
					things.put { type = "application", id = x.case.id, set = { proposed_notice_to = to } }
					give_notice(x, "proposed", item, to)
				end },
				{ to = "deciding", title = { zh = "报决定", en = "To the decision" }, needs = { fields = { "opinion" }, documents = { "receipt" }, guard = function(x) return examined(x, false) end } },
			}, allow = { "comment", "transfer", "urge", "suspend", "pause", "extend", "return", "countersign", "add_signer" } },
		{ id = "publicity", title = { zh = "公示中", en = "Notice" }, kind = "wait", roles = { "approve_handler" }, area = "case", form = { "objections" },
			leave = { { to = "deciding", title = { zh = "报决定", en = "To the decision" }, needs = { guard = function(x)
				local m = {}
				if today() <= (x.record.proposed_notice_to or "9999") then
					m[#m + 1] = bad("拟批公示至 " .. x.record.proposed_notice_to .. "，未满", "the notice is not over")
				end
				for _, o in ipairs(x.record.objections or {}) do
					if not o.answer then
						m[#m + 1] = bad("公示期意见没有答复：" .. o.text, "an objection is unanswered")
					end
				end
				return lacks(m)
			end } } }, allow = { "comment", "urge" } },
		{ id = "deciding", title = { zh = "待决定", en = "Deciding" }, kind = "work", roles = { "approve_chief" }, area = "case", exclude = { "examining", "publicity" }, form = { "refusal" },
			leave = {
				{ to = "granted", title = { zh = "准予", en = "Grant" }, needs = { documents = { "decision" } }, on = function(x)
					local item, no = item_of(x), number_of(x, "decision")
					things.put { type = "application", id = x.case.id, set = { result_no = no or null, decided_at = today() } }
					if item.announced then
						give_notice(x, "decided", item, nil, no)
					end
				end },
				{ to = "refused", title = { zh = "不予", en = "Refuse" }, needs = { fields = { "refusal" }, documents = { "refusal" } }, on = function(x)
					things.put { type = "application", id = x.case.id, set = { result_no = number_of(x, "refusal") or null, decided_at = today() } }
				end },
			}, allow = { "comment", "return", "urge", "countersign" } },
		granted, refused, delivered, done, declined,
	},
}
