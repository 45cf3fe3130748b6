-- 文书：模板、编号、所需字段 documents: template, number, fields without which none is made

local PARTY = { "party_name", "party_address" }
local ACT = { "act_text", "act_place", "violated_clause", "penalty_clause" }
local LATE = { "service", "execution", "press", "closing", "archiving" }

local function d(id, zh, en, word, states, ...)
	local needs = {}
	for _, list in ipairs { ... } do
		for _, field in ipairs(list) do
			needs[#needs + 1] = field
		end
	end
	return { id = id, title = { zh = zh, en = en }, template = "documents/" .. id .. ".html", number = word and ("宁环" .. word .. "〔{year}〕{n}号") or nil, states = states, needs = needs }
end

function penalty_documents()
	local INQUIRY = { "investigation", "review", "notice", "statement" }
	return {
		d("filing", "立案审批表", "Approval of filing", nil, { "filing" }, PARTY, { "act_text", "how", "discovered_at", "violated_clause", "penalty_clause" }),
		d("no_filing", "不予立案审批表", "Not filed", nil, { "clue", "filing" }, { "title", "not_filed_reason" }),
		d("jurisdiction", "移送管辖通知书", "Hand-over of jurisdiction", "移", { "clue", "investigation" }, { "title", "transfer_to", "transfer_reason" }),
		d("simple", "当场行政处罚决定书", "On-the-spot decision", "当罚", { "clue" }, { "party_name", "act_text", "penalty_clause", "fine", "officers" }),
		d("site_record", "现场检查（勘察）笔录", "On-site record", nil, { "investigation" }, PARTY, { "site_text", "officers" }),
		d("statement_record", "询问笔录", "Record of statements", nil, { "investigation" }, { "statements" }),
		d("sampling", "采样记录", "Record of sampling", nil, { "investigation" }, { "party_name", "site_text", "officers" }),
		d("preserve", "先行登记保存证据通知书", "Evidence kept in advance", "保", { "investigation" }, PARTY, { "preserved" }),
		d("preserve_done", "先行登记保存证据处理决定书", "Handling of kept evidence", "保处", { "investigation" }, PARTY, { "preserved" }),
		d("evidence_list", "证据清单", "List of evidence", nil, INQUIRY, { "evidence" }),
		d("order", "责令改正违法行为决定书", "Order to correct", "责改", { "investigation", "review", "notice", "statement" }, PARTY, ACT, { "order_text" }),
		d("seal", "查封（扣押）决定书", "Seizure", "查扣", { "investigation" }, PARTY, ACT, { "preserved" }),
		d("seal_list", "查封（扣押）清单", "List of things seized", nil, { "investigation" }, { "party_name", "preserved" }),
		d("seal_extend", "查封（扣押）延期通知书", "Seizure prolonged", "查延", { "investigation" }, PARTY, { "preserved" }),
		d("seal_lift", "解除查封（扣押）决定书", "Seizure lifted", "查解", { "investigation", "review", "notice" }, PARTY, { "preserved" }),
		d("restrict", "责令限制生产（停产整治）决定书", "Production limited or stopped", "限停", INQUIRY, PARTY, ACT, { "order_text" }),
		d("report", "调查终结报告", "Report of the investigation", nil, { "investigation" }, { "party_name", "act_text", "elements", "evidence" }),
		d("review", "法制审核意见书", "Opinion of the legal review", "审", { "review" }, { "review_opinion", "review_text" }),
		d("discretion_sheet", "行政处罚裁量表", "Discretion sheet", nil, { "investigation", "review", "notice" }, { "min_fine", "max_fine", "discretion", "fine" }),
		d("notice", "行政处罚事先（听证）告知书", "Notice", "罚告", { "notice" }, PARTY, ACT, { "fine", "discretion" }),
		d("defence", "陈述申辩复核意见", "Review of the defence", nil, { "statement" }, { "defence" }),
		d("hearing_notice", "行政处罚听证通知书", "Notice of hearing", "听通", { "hearing" }, PARTY, { "hearing_at", "hearing_chair" }),
		d("hearing_minutes", "听证笔录", "Minutes of the hearing", nil, { "hearing" }, { "party_name", "hearing_at", "hearing_chair", "hearing_text" }),
		d("hearing_report", "听证报告", "Report of the hearing", nil, { "hearing", "panel" }, { "party_name", "hearing_at", "hearing_text" }),
		d("panel_minutes", "集体讨论笔录", "Minutes of the panel", nil, { "panel" }, { "panel_size", "panel" }),
		d("decision", "行政处罚决定书", "Decision", "罚", { "decision" }, PARTY, ACT, { "fine", "notice_served_at" }),
		d("no_penalty", "不予行政处罚决定书", "No penalty", "不罚", { "investigation", "closing" }, PARTY, { "act_text", "adjust_clause" }),
		d("receipt", "送达回证", "Receipt of service", nil, { "notice", "service", "execution", "press" }, PARTY, { "service_way", "served_at", "received_by" }),
		d("instalment", "分期（延期）缴纳罚款批准书", "Instalments", "缓", { "execution", "press" }, PARTY, { "instalment" }),
		d("surcharge", "加处罚款决定书", "Surcharge", "加罚", { "execution", "press" }, PARTY, { "fine", "payment_due" }),
		d("press", "履行义务催告书", "Press letter", "催", { "execution" }, PARTY, { "fine", "payment_due" }),
		d("court", "强制执行申请书", "Application to the court", "执", { "press" }, PARTY, { "fine", "press_served_at" }),
		d("transfer", "案件移送书", "Transfer of the case", "移案", { "investigation", "closing" }, { "party_name", "transfer_to", "transfer_reason" }),
		d("closing", "结案审批表", "Approval of closing", nil, { "closing" }, { "party_name", "closing_kind" }),
		d("file_index", "卷宗目录", "Index of the file", nil, { "archiving" }, { "title" }),
		d("publish", "行政处罚信息公示稿", "Text for publication", nil, LATE, { "party_name", "act_text", "penalty_clause", "decision_date" }),
	}
end
