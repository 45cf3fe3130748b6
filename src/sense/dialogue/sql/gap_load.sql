select id, mn, cn, from_us, to_us, interval_us, expected, missing, state, asked, idle, next_us, found_us, closed_us, why
from device_gap
where state <> 1 and to_us >= $1 order by mn, id
