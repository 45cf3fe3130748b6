-- ends: EINVAL
local x <close> = {}
