-- ends: 0
assert(not pcall(function() string.rep = nil end))
assert(not pcall(function() table.evil = 1 end))
assert(not pcall(function() math.pi = 3 end))
assert(not pcall(function() ("x").y = 1 end))
assert(string.rep and next(string) == nil)
