-- ends: EINVAL
return ("a"):rep(1000):match(("a?"):rep(900) .. "a")
