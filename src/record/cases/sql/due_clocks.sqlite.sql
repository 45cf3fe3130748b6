-- Clocks that fire, each with its case, a row for each open task of it. $1 now, $2 how many clocks: the reader stops behind them
select k.id, k.clock, k.state, k.title, k.n, k.unit, k.start_us, k.due_us, k.next_step, k.next_us,
	c.id, c.flow, c.state, c.area, c.org, c.title, c.step, c.n, c.opened_us,
	exists (select 1 from flow_pause p where p.case_id = k.case_id), t.created_us, t.id, t.roles, t.person
from flow_clock k join flow_case c on c.id = k.case_id left join flow_task t on t.case_id = c.id and t.done_us is null
where k.next_us <= $1 and k.done_us is null and $2 > 0 order by k.next_us, k.id
