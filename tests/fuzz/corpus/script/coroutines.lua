-- ends: EINVAL
for i = 1, 1e6 do coroutine.wrap(function() coroutine.yield() end)() end
