-- ends: EINVAL
record "late" { title = { zh = "迟", en = "late" } }
