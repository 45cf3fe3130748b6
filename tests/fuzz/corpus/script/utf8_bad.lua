-- ends: EINVAL
return utf8.codepoint(("\xff"):rep(100), 1, -1)
