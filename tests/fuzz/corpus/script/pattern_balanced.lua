-- ends: ETIMEOUT
return ("("):rep(200000):find("%b()x")
