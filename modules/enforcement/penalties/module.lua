-- 行政处罚：从线索到归档。Administrative penalties from the clue to the archive.
module {
	id = "enforcement/penalties",
	title = { zh = "行政处罚", en = "Penalties" },
	rows = { "P3.7.2a", "P3.7.2b", "P3.7.2c" },
	needs = { "sources/registry" },
	about = {
		zh = "立案、调查、法制审核、告知、听证、集体讨论、决定、送达、执行、结案、归档；法定期限、文书与编号、裁量计算。",
		en = "Filing, investigation, legal review, notice, hearing, panel, decision, service, execution, closing, archive; legal deadlines, documents, discretion.",
	},
}

menu { { id = "enforcement", title = { zh = "执法", en = "Enforce" }, order = 40 } }
