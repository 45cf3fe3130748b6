-- ends: EINVAL
local t = {}
local top = t
for i = 1, 100 do t.t = {} t = t.t end
return top
