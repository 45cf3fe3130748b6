-- ends: ETIMEOUT
local t = {}
for i = 1, 20000 do t["k" .. i] = true end
while true do pairs(t) end
