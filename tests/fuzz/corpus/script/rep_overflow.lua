-- ends: EINVAL
return ("x"):rep(math.maxinteger, "yy")
