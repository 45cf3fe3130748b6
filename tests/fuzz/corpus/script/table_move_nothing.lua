-- ends: EINVAL
-- 2^40 rounds in C that take no memory
return table.move({}, 1, 1 << 40, 1, {})
