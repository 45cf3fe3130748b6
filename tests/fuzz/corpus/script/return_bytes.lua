-- ends: EINVAL
return { s = "\xff\xfe" }
