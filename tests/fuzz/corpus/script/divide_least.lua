-- ends: 0
assert(math.mininteger // -1 == math.mininteger and math.mininteger % -1 == 0)
