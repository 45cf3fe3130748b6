-- ends: 0
count = (count or 0) + 1
assert(count == 1, "a run left something behind")
