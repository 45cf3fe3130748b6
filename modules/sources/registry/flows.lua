-- 流程 flows

local function version_of(x)
	local v = { id = x.case.id }
	for k, field in pairs(x.record) do
		v[k] = field
	end
	return v
end

flow "permit_signing" {
	record = "permit_version", title = { zh = "许可限值签发", en = "Signing of permit limits" }, version = 1, start = "draft",

	states = {
		{ id = "draft", title = { zh = "录入限值", en = "Limits entered" }, kind = "work", roles = { "approve_handler", "approve_chief" }, area = "case",
			form = { "permit", "kind", "effective_from", "reason", "decision_no", "test_days" }, required = { "permit", "kind", "effective_from" },
			leave = { { to = "checked", title = { zh = "生成规则", en = "Make rules" },
				needs = { guard = function(x)
					local n = things.count { type = "permit_limit", filter = { { field = "version", op = "=", value = x.case.id } } }
					if ENDS[x.record.kind] then
						return n == 0 or { missing = { bad("注销、吊销的版本不带限值", "a version that ends the permit has no limits") } }
					end
					return n > 0 or { missing = { bad("这个版本还没有限值", "this version has no limits yet") } }
				end },
				on = function(x)
					local n = compile(version_of(x))
					things.put { type = "permit_version", id = x.case.id, set = { rules_auto = n.auto, rules_manual = n.manual, rules_refused = n.refused } }
					local t = backtest(version_of(x)) -- 下达之前先看 looked at before anything is given
					things.put { type = "permit_version", id = x.case.id, set = { test_hours = t.hours, test_over = t.over, test_before = t.before } }
				end } },
			allow = { "comment" } },
		{ id = "checked", title = { zh = "核对规则", en = "Rules checked" }, kind = "work", roles = { "approve_handler", "approve_chief" }, area = "case",
			form = { "decision_no" },
			leave = {
				{ to = "signed", title = { zh = "签发", en = "Sign" }, roles = { "approve_chief" },
					needs = { guard = function(x)
						local missing = {}
						for _, r in ipairs(all_of("permit_rule", { { field = "version", op = "=", value = x.case.id }, { field = "kind", op = "=", value = "refused" } })) do
							missing[#missing + 1] = bad("未成规则 " .. r.factor .. "：" .. (r.reason or ""), "refused " .. r.factor)
						end
						local permit = get("permit", x.record.permit)
						if permit.current and x.record.kind ~= "correct" then
							local now_in = get("permit_version", permit.current)
							if now_in and now_in.effective_from >= x.record.effective_from then
								missing[#missing + 1] = bad("生效日须晚于现行版本的 " .. now_in.effective_from .. "；追溯的改动用“更正”", "must be after the version in force; use a correction")
							end
						end
						if #missing > 0 then
							return { missing = missing }
						end
						return true
					end },
					on = function(x)
						local ended = make_rules(version_of(x))
						make_plans(version_of(x))
						accounts_of(get("permit", x.record.permit), now())
						things.put { type = "permit_version", id = x.case.id, set = { ended = ended, signed_on = now() } }
					end },
				{ to = "draft", title = { zh = "修改限值", en = "Change the limits" } },
			},
			allow = { "comment", "return" } },
		{ id = "signed", title = { zh = "已签发", en = "Signed" }, kind = "end", roles = { "approve_chief" }, area = "case" },
	},
}

flow "registry_change" {
	record = "change_request", title = { zh = "名录变更申请", en = "Change request" }, version = 1, start = "drafted",

	states = {
		{ id = "drafted", title = { zh = "填报", en = "Drafted" }, kind = "work", roles = { "ent_manager", "ent_operator", "approve_window" }, area = "case",
			form = { "discharger", "field", "value", "place", "reason" }, required = { "discharger", "field", "reason" },
			leave = { { to = "submitted", title = { zh = "提交", en = "Submit" },
				needs = { guard = function(x)
					local r = x.record
					if r.field == "place" and not r.place or r.field ~= "place" and not r.value then
						return { missing = { bad("写明改成什么", "say what it becomes") } }
					end
					return true
				end },
				on = function(x)
					local r = x.record
					if r.field ~= "place" then
						return
					end
					local d = get("discharger", r.discharger)
					local p, q = d.place.coordinates, r.place.coordinates
					things.put { type = "change_request", id = x.case.id, set = { site_check = distance_m(p[1], p[2], q[1], q[2]) > 200 } }
				end } },
			allow = { "comment" } },
		{ id = "submitted", title = { zh = "审核", en = "Under review" }, kind = "work", roles = { "approve_window", "approve_handler" }, area = "case",
			form = { "answer" },
			clocks = { { id = "answer", title = { zh = "答复", en = "Answer" }, ["for"] = { n = 5, unit = "working_day" }, from = "enter",
				ladder = { { at = 0.8, act = "remind" }, { at = 1, act = "superior" } } } },
			leave = {
				{ to = "accepted", title = { zh = "采纳", en = "Accept" },
					needs = { guard = function(x)
						if x.record.site_check then
							for _, file in ipairs(x.case.files or {}) do
								if file.kind == "photo" then
									return true
								end
							end
							return { missing = { bad("位置移动 200 米以上，须附现场照片", "a move of more than 200 m needs a photo of the visit") } }
						end
						return true
					end },
					on = function(x)
						local r, set = x.record, {}
						if r.field == "place" then
							set.place = r.place
						else
							set[r.field] = r.value
						end
						things.put { type = "discharger", id = r.discharger, set = set }
					end },
				{ to = "refused", title = { zh = "不予采纳", en = "Refuse" }, needs = { fields = { "answer" } } },
			},
			allow = { "comment", "return", "transfer" } },
		{ id = "accepted", title = { zh = "已采纳", en = "Accepted" }, kind = "end", roles = { "approve_handler" }, area = "case" },
		{ id = "refused", title = { zh = "未采纳", en = "Refused" }, kind = "end", roles = { "approve_handler" }, area = "case" },
	},
}
