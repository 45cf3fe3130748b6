-- ends: EINVAL
error(("x"):rep(0 << 21), 0)
