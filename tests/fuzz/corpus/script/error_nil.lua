-- ends: EINVAL
error(nil)
