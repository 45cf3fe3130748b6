-- Clocks of a case. $1 case
select id, clock, state, step, title, n, unit, law, law_version, sure, extended, start_us, last_day, due_us,
	next_step, next_us, done_us
from flow_clock where case_id = $1 order by start_us, id
