-- ends: EINVAL
-- addresses help an attacker
return string.format("%p", {})
