insert into device_gap (id, mn, cn, from_us, to_us, interval_us, expected, missing, state, asked, idle, next_us,
	found_us, closed_us, why)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
on conflict (id) do update set to_us = excluded.to_us, expected = excluded.expected, missing = excluded.missing,
	state = excluded.state, asked = excluded.asked, idle = excluded.idle, next_us = excluded.next_us,
	closed_us = excluded.closed_us, why = excluded.why
