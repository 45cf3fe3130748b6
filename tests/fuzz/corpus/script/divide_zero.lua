-- ends: EINVAL
return 1 // 0
