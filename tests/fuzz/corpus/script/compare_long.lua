-- ends: ETIMEOUT clock
local a, b = ("x"):rep(1 << 20) .. "a", ("x"):rep(1 << 20) .. "b"
while true do local c = a < b end
