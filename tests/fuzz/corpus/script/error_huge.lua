-- ends: EINVAL
error(("x"):rep(1 << 21), 0)
