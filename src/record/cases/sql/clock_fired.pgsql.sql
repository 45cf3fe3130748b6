-- When they end and fire next, by the law that they were worked out by. Arrays: $1 id, $2 last day, $3 due, $4 next step, $5 next firing, $6 sure
update flow_clock k set last_day = d.last_day, due_us = d.due_us, next_step = d.next_step, next_us = d.next_us, sure = d.sure
from unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
	as d (id, last_day, due_us, next_step, next_us, sure)
where k.id = d.id and k.done_us is null
