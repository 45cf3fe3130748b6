-- ends: ETIMEOUT
for _ in ("\xff"):rep(240):rep(16244):gmatch("a*a*a*b") do end
