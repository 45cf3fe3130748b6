-- Their cases. $1 now, $2 how many clocks
select id, flow, state, step, n, area, org, title, opened_us
from flow_case where id in (select case_id from flow_clock
	where next_us <= $1 and done_us is null order by next_us, id limit $2)
