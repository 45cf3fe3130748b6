-- Clocks that fire, each with its case, a row for each open task of it. $1 now, $2 how many clocks
select k.id, k.clock, k.state, k.title, k.n, k.unit, k.start_us, k.due_us, k.next_step, k.next_us,
	c.id, c.flow, c.state, c.area, c.org, c.title, c.step, c.n, c.opened_us,
	exists (select 1 from flow_pause p where p.case_id = k.case_id), t.created_us, t.id, t.roles, t.person
from (select id, case_id, clock, state, title, n, unit, start_us, due_us, next_step, next_us from flow_clock
	where next_us <= $1 and done_us is null order by next_us, id limit $2) k
cross join flow_case c left join flow_task t on t.case_id = c.id and t.done_us is null
where c.id = k.case_id order by k.next_us, k.id
