-- 重复的评分 how alike two dischargers are (0 to 100): 85 and more is proposed, 60 to 84 listed; nothing merges by itself

local STRIP = { "江苏省", "南京市", "南京", "有限责任公司", "股份有限公司", "有限公司", "集团", "公司", "（演示）", "（", "）", "%(", "%)", "·" }
local ORDINAL = { ["一"] = 1, ["二"] = 2, ["三"] = 3, ["四"] = 4, ["五"] = 5, ["六"] = 6, ["七"] = 7, ["八"] = 8, ["九"] = 9, ["十"] = 10 }

local function core(name)
	local s = name
	for _, w in ipairs(STRIP) do
		s = s:gsub(w, "")
	end
	return s
end

local function letters(s)
	local out = {}
	for _, c in utf8.codes(s) do
		out[#out + 1] = c
	end
	return out
end

-- 第几厂 which one of a group ("一厂", "2 号"): two different ones are two sites
local function ordinal(s)
	local n = s:match("(%d+)号?厂") or s:match("(%d+)号") or s:match("(%d+)[^%d]*$")
	if n then
		return tonumber(n)
	end
	for word, value in pairs(ORDINAL) do
		if s:find(word .. "厂", 1, true) or s:find(word .. "分厂", 1, true) or s:find(word .. "车间", 1, true) then
			return value
		end
	end
	return nil
end

-- Jaro-Winkler on characters
function jaro_winkler(x, y)
	local a, b = letters(x), letters(y)
	if #a == 0 or #b == 0 then
		return 0
	end
	local reach = math.max(0, math.max(#a, #b) // 2 - 1)
	local ta, tb, m = {}, {}, 0
	for i = 1, #a do
		for j = math.max(1, i - reach), math.min(#b, i + reach) do
			if not tb[j] and a[i] == b[j] then
				ta[i], tb[j], m = true, true, m + 1
				break
			end
		end
	end
	if m == 0 then
		return 0
	end
	local t, j = 0, 1
	for i = 1, #a do
		if ta[i] then
			while not tb[j] do
				j = j + 1
			end
			if a[i] ~= b[j] then
				t = t + 1
			end
			j = j + 1
		end
	end
	local jaro = (m / #a + m / #b + (m - t / 2) / m) / 3
	local prefix = 0
	while prefix < 4 and prefix < #a and prefix < #b and a[prefix + 1] == b[prefix + 1] do
		prefix = prefix + 1
	end
	return jaro + prefix * 0.1 * (1 - jaro)
end

local function metres(a, b)
	if not (a.place and b.place) then
		return nil
	end
	local p, q = a.place.coordinates, b.place.coordinates
	return distance_m(p[1], p[2], q[1], q[2])
end

local function share(a, b)
	local has = {}
	for _, m in ipairs(a.meters or {}) do
		has[m.no] = true
	end
	for _, m in ipairs(b.meters or {}) do
		if has[m.no] then
			return m.no
		end
	end
	return nil
end

local function same(a, b, field)
	return a[field] ~= nil and a[field] ~= "" and a[field] == b[field]
end

-- 约 1 公里的格子 a cell of about one kilometre
function geo_cell(r)
	if not r.place then
		return nil
	end
	local p = r.place.coordinates
	return string.format("%d,%d", math.floor(p[1] * 100), math.floor(p[2] * 100))
end

function duplicate_score(a, b)
	local far = metres(a, b)
	local score, why = 0, {}
	local function add(points, zh)
		score = score + points
		why[#why + 1] = { zh = zh, en = zh, points = points }
	end
	if same(a, b, "credit_code") then
		if far and far < 300 then
			add(95, string.format("同一信用代码，相距 %.0f 米", far))
			return { score = score, why = why }
		end
		return { score = 0, why = { { zh = "同一法人的分支：同码异地", en = "a branch: same code, another site", points = 0 } }, hint = "branch" }
	end
	local x, y = core(a.name), core(b.name)
	local oa, ob = ordinal(x), ordinal(y)
	if oa and ob and oa ~= ob then
		why[#why + 1] = { zh = "名称是同组的不同厂", en = "different works of one group", points = 0 }
	else
		local like = jaro_winkler(x, y)
		add(math.floor(35 * like + 0.5), string.format("名称相似 %.2f", like))
	end
	if far and far <= 50 then
		add(30, string.format("相距 %.0f 米", far))
	elseif far and far <= 200 then
		add(20, string.format("相距 %.0f 米", far))
	elseif far and far <= 500 then
		add(8, string.format("相距 %.0f 米", far))
	end
	if same(a, b, "phone") then
		add(10, "同一电话")
	end
	if same(a, b, "legal_rep") then
		add(10, "同一法定代表人")
	end
	if share(a, b) then
		add(25, "同一设备或电表 " .. share(a, b))
	end
	if same(a, b, "eia_no") or same(a, b, "permit_no") then
		add(30, "同一环评或许可证")
	end
	score = math.min(score, 100)
	if a.credit_code and b.credit_code then
		-- 两个有效代码是两个法人：承接、出租，不是重复 two valid codes are two persons: an heir or a tenant
		score = math.min(score, 84)
		why[#why + 1] = { zh = "两个法人：可能是承接或同院", en = "two legal persons: an heir or a tenant", points = 0 }
	end
	return { score = score, why = why }
end
