-- ends: EINVAL
return { v = 0 / 0 }
