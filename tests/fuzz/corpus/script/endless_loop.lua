-- ends: ETIMEOUT
while true do end
