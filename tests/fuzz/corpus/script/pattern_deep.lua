-- ends: EINVAL
return ("a"):rep(1000):find(("(a"):rep(40))
