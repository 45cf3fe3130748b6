-- ends: EINVAL
-- the metatable of texts does not look at the globals
string = nil
return ("x"):rep(1 << 40)
