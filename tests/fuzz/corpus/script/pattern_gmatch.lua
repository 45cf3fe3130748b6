-- ends: ETIMEOUT
for _ in ("a"):rep(50000):gmatch("a*a*a*b") do end
