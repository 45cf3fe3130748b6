-- ends: ETIMEOUT
local s = ("x"):rep(1 << 20)
for i = 1, 1e9 do local t = s .. i end
