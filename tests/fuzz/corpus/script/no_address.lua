-- ends: 0
for _, v in pairs { {}, print or pairs, tostring, function() end } do
	assert(not tostring(v):find("0x"), tostring(v))
	assert(not string.format("%s", v):find("0x"))
end
local ok, e = pcall(function() return {} < {} end)
assert(not ok and not e:find("0x"), e)
ok, e = pcall(function() local t = {} t[nil] = 1 end)
assert(not ok and not e:find("0x"), e)
