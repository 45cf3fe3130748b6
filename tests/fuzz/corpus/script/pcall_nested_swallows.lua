-- ends: ETIMEOUT
local function f(n) while true do pcall(n > 0 and f or function() end, n - 1) end end
while true do pcall(f, 40) end
