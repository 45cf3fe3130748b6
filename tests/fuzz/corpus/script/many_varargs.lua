-- ends: ETOOBIG
local function f(...) return select("#", ...) end
local t = {}
for i = 1, 250000 do t[i] = i end
local s = {}
for i = 1, 250 do s[i] = f(table.unpack(t, 1, 200000)) end
error("done")
