select id, mn, cn, from_us, to_us, interval_us, expected, missing, state, asked, idle, next_us, found_us, closed_us, why
from device_gap
where (cast($1 as text) = '' or mn = $1) and (cast($2 as integer) < 0 or state = $2)
	and (cast($3 as integer) = 0 or cn = $3) and id < $4 order by id desc limit $5
