-- ends: ETIMEOUT
while true do table.move({}, 1, 1000000, 1, {}) end
