-- ends: ETOOBIG
local t = {}
for i = 1, 1e9 do t[i] = table.pack(i, i, i, i) end
