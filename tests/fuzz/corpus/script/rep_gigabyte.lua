-- ends: EINVAL
return ("x"):rep(1 << 30)
