-- ends: ETIMEOUT
local s = ("山"):rep(100000)
while true do utf8.len(s) end
