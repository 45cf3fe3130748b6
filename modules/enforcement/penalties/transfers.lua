-- 移送共享：一种移送包，送给五类机关与市区之间，凭回执
-- Transfers: one packet for five kinds of partner and between city and districts, each with its receipt.

PARTNERS = { { "police", "公安机关", "Police" }, { "court", "人民法院", "Court" }, { "industry", "工信部门", "Industry" }, { "energy", "能源部门", "Energy" }, { "market", "市场监管部门", "Market regulator" },
	{ "office", "市（区）生态环境机关", "Office of the city or a district" } }

-- 移送包的规范文本：一行一项，竖线分开；摘要即其 SM3 the canonical text, whose SM3 is the packet's digest
local function cell(v)
	return (tostring(v or ""):gsub("[|%c]", " "))
end
function packet_of(r, c, documents)
	local out = { table.concat({ "packet", "1", cell(r.no), cell(c.case_no or c.clue_no), cell(r.partner), cell(r.to_office), cell(r.clause) }, "|"), table.concat({ "party", cell(c.party_name), cell(c.party_code) }, "|"),
		table.concat({ "reason", cell(r.reason) }, "|") }
	for _, d in ipairs(documents or {}) do
		out[#out + 1] = table.concat({ "document", cell(d.document), cell(d.number), cell(d.digest) }, "|")
	end
	for _, e in ipairs(c.evidence or {}) do
		if not e.excluded then
			out[#out + 1] = table.concat({ "evidence", cell(e.no), cell(e.kind), cell(e.what), cell(e.digest) }, "|")
		end
	end
	return table.concat(out, "\n")
end

record "case_transfer" {
	title = { zh = "案件移送", en = "Transfer" }, family = "cases", label = "internal", title_field = "no", area = "admin_area", history = true,
	number = { format = "YS{date}{n:4}", field = "no" },
	fields = {
		f("no", "移送号", "Number", "text", { list = true, search = true }),
		f("case", "案件", "Case", "ref", { ref = "penalty_case", required = true, filter = true }),
		f("admin_area", "管辖区", "Answering office", "area", { filter = true, compute = function(x) local c = x.record.case and get("penalty_case", x.record.case) return c and c.admin_area end }),
		pick("partner", "移送对象", "Partner", PARTNERS, { required = true, list = true, filter = true }),
		f("to_office", "机关名称", "Office", "text", { required = true, max = 80, list = true }),
		f("reason", "移送理由", "Reason", "longtext", { required = true, max = 1000 }),
		f("clause", "依据条款", "Clause", "text", { required = true, max = 200 }),
		f("approved_on", "批准日", "Approved", "time", {}),
		f("packet", "移送包", "Packet", "longtext", { max = 20000 }),
		f("digest", "移送包摘要（SM3）", "Digest of the packet", "text", { max = 64, list = true }),
		f("sequence", "发送号", "Number of the package", "number", {}),
		f("package", "签名的交换包", "Signed package", "longtext", { max = 40000 }),
		f("receipt_no", "回执号", "Receipt", "text", { max = 60, list = true }),
		f("receipt_by", "接收人", "Received by", "text", { max = 80 }),
		f("received_on", "接收日", "Received", "date", {}),
		f("receipt_digest", "回执所载摘要", "Digest that the receipt quotes", "text", { max = 64 }),
		f("answer_due", "最迟反馈", "Answer by", "date", { list = true, compute = function(x)
			local r = x.record
			return r.received_on and r.partner and transfer_due(r.partner, r.received_on)
		end }),
		pick("answer", "反馈", "Answer", { { "accepted", "受理、立案或已办", "Accepted" }, { "refused", "不予受理或立案", "Refused" }, { "returned", "退回补充", "Returned" } }, { list = true, filter = true }),
		f("answer_text", "反馈内容与文号", "Words of the answer", "longtext", { max = 2000 }),
		f("answered_on", "反馈日", "Answered", "date", {}),
	},
	checks = { { field = "packet", fn = function(x)
		if x.record.packet and sm3(x.record.packet) ~= x.record.digest then
			return bad("移送包与摘要不符：内容被改动过", "the packet is not what its digest says")
		end
		return true
	end } },
	rights = { leader_city = "RF all", leader_district = "RF area", enforce_lead = "RCUFX area", enforce_officer = "RCUF area", legal_review = "RF all" },
}

-- 反馈期限是法表的一行；十日的也按工作日 the row of the law says how many working days
function transfer_due(partner, from)
	local row = law("enforcement/deadlines", "transfer_" .. partner, from)
	return workdays(from, math.tointeger(tonumber(row.limit)))
end

local function clock(partner)
	return { id = "answer_" .. partner, title = { zh = "反馈", en = "Answer" }, law = "enforcement/deadlines/transfer_" .. partner, from = "field:received_on", when = function(x) return x.record.partner == partner end,
		ladder = { { at = 0.67, act = "remind" }, { at = 1, act = "superior" }, { at = 2, act = "supervise" } } }
end
local clocks = {}
for i, p in ipairs(PARTNERS) do
	clocks[i] = clock(p[1])
end

flow "transfer" {
	record = "case_transfer", title = { zh = "案件移送", en = "Transfer" }, version = 1, start = "proposed", open_roles = { "enforce_officer", "enforce_lead" },
	documents = { { id = "packet", title = { zh = "案件移送书", en = "Transfer" }, template = "documents/packet.html", number = "宁环移送〔{year}〕{n}号", states = { "approved", "sent" }, needs = { "to_office", "reason", "clause", "digest" } } },
	states = {
		{ id = "proposed", title = { zh = "提请移送", en = "Proposed" }, kind = "work", roles = { "enforce_officer", "enforce_lead" }, area = "case", form = { "case", "partner", "to_office", "reason", "clause" },
			required = { "case", "partner", "to_office", "reason", "clause" },
			leave = { { to = "approval", title = { zh = "报批", en = "For approval" }, needs = { guard = function(x)
				local c = get("penalty_case", x.record.case)
				if #(c.evidence or {}) == 0 then
					return { missing = { bad("案件没有证据清单，不能移送", "the case has no evidence list") } }
				end
				return true
			end } } }, allow = { "comment", "withdraw" } },
		{ id = "approval", title = { zh = "批准移送", en = "Approval" }, kind = "work", roles = { "leader_district", "leader_city" }, area = "case", exclude = { "proposed" },
			leave = { { to = "approved", title = { zh = "批准", en = "Approve" }, on = function(x)
				local whole = cases.get("penalty", x.record.case)
				local text = packet_of(x.record, get("penalty_case", x.record.case), whole and whole.documents)
				things.put { type = "case_transfer", id = x.case.id, set = { packet = text, digest = sm3(text), approved_on = now() } }
			end } }, allow = { "comment", "return" } },
		{ id = "approved", title = { zh = "已批准，待送出", en = "To be sent" }, kind = "work", roles = { "enforce_officer", "enforce_lead" }, area = "case",
			clocks = { { id = "send", title = { zh = "移送", en = "Send" }, law = "enforcement/deadlines/criminal_transfer", from = "enter", when = function(x) return x.record.partner == "police" end, ladder = { { at = 0.5, act = "remind" }, { at = 1, act = "supervise" } } } },
			leave = { { to = "sent", title = { zh = "送出", en = "Send" }, needs = { documents = { "packet" } }, on = function(x)
				local made = exchange.pack { to = x.record.to_office, schema = "case_transfer/1", bodies = { { name = "packet", text = x.record.packet, count = 1 } } }
				things.put { type = "case_transfer", id = x.case.id, set = { sequence = made.sequence, package = made.package } }
			end } }, allow = { "comment", "transfer" } },
		{ id = "sent", title = { zh = "已送出，待回执", en = "Sent" }, kind = "wait", roles = { "enforce_officer", "enforce_lead" }, area = "case", form = { "receipt_no", "receipt_by", "received_on", "receipt_digest" },
			leave = { { to = "waiting", title = { zh = "登记回执", en = "Receipt" }, needs = { fields = { "receipt_no", "receipt_by", "received_on", "receipt_digest" }, guard = function(x)
				if x.record.receipt_digest ~= x.record.digest then
					return { missing = { bad("回执所载摘要与移送包不符：对方收到的不是这一份", "the receipt is of another packet") } }
				end
				return true
			end } } }, allow = { "comment", "urge" } },
		{ id = "waiting", title = { zh = "已接收，待反馈", en = "Waiting for the answer" }, kind = "wait", roles = { "enforce_officer", "enforce_lead" }, area = "case", form = { "answer", "answer_text", "answered_on" }, clocks = clocks,
			leave = {
				{ to = "answered", title = { zh = "登记反馈", en = "Answered" }, needs = { fields = { "answer", "answer_text", "answered_on" }, guard = function(x)
					if x.record.answer == "returned" then
						return { missing = { bad("退回补充的，重新报批", "a return goes for approval again") } }
					end
					return true
				end } },
				{ id = "again", to = "proposed", title = { zh = "退回补充，重新移送", en = "Returned: once more" }, needs = { fields = { "answer_text" } }, on = function(x)
					things.put { type = "case_transfer", id = x.case.id, set = { packet = null, digest = null, package = null, sequence = null, receipt_no = null, receipt_by = null, received_on = null, receipt_digest = null, answer = null } }
				end },
			}, allow = { "comment", "urge" } },
		{ id = "answered", title = { zh = "已反馈", en = "Answered" }, kind = "end", roles = { "enforce_lead" }, area = "case" },
	},
}
