-- 每个模块都有的写法 what every module has at hand (docs/modules.md)

-- 声明：一个字段，一个选项字段，一个问题 a field, a field of choices, a problem
function f(id, zh, en, kind, more)
	local x = more or {}
	x.id, x.title, x.type = id, { zh = zh, en = en }, kind
	return x
end
function pick(id, zh, en, choices, more)
	local x = f(id, zh, en, "choice", more)
	x.choices = {}
	for _, c in ipairs(choices) do
		x.choices[#x.choices + 1] = { code = c[1], zh = c[2], en = c[3] }
	end
	return x
end
function bad(zh, en)
	return { zh = zh, en = en }
end

-- 文字：以 、 ， , 或空格分开的各词，逐个；其中有没有这一个 the words of a text one by one; whether it has one of them
function words_of(text)
	local plain = (text or ""):gsub("、", " "):gsub("，", " ")
	return plain:gmatch("[^ ,]+")
end
function has_word(text, word)
	for w in words_of(text) do
		if w == word then
			return true
		end
	end
	return false
end

-- 记录：字段连同编号；按编号；按条件的全部，逐页取 fields with the id; by id; all by filter, page by page
function flat(r)
	if not r or not r.fields then
		return r
	end
	local out = { id = r.id }
	for k, v in pairs(r.fields) do
		out[k] = v
	end
	return out
end
function get(type, id)
	return id and flat(things.get(type, id))
end
function all_of(type, filter, sort, fields)
	local out, page, next = {}, nil, nil
	repeat
		page, next = things.find { type = type, filter = filter, sort = sort, fields = fields, limit = 1000, cursor = next }
		for _, r in ipairs(page) do
			out[#out + 1] = flat(r)
		end
	until not next
	return out
end
