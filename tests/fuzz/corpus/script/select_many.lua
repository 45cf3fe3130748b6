-- ends: ETIMEOUT
local function f(...) while true do local n = select(-1, ...) end end
f(1, 2, 3)
