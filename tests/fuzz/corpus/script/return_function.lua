-- ends: EINVAL
return { f = function() end }
