-- Cases, newest first. $1 flow, $2 state, $3 person with a task ('' = any of each), $4 only overdue at this time (NULL = all), $5 open only (1), $6 word in the title as a pattern ('' = any), $7 before this time, $8 before this id, $9 how many
select c.id, c.flow, c.version, c.state, c.step, c.area, c.org, c.owner, c.title, c.parent, c.opened_us, c.entered_us,
	c.closed_us, c.suspended_us, c.supervised_us,
	(select min(k.due_us) from flow_clock k where k.case_id = c.id and k.done_us is null) as due_us
from flow_case c
where ($1 = '' or c.flow = $1) and ($2 = '' or c.state = $2)
	and ($3 = '' or exists (select 1 from flow_task t where t.case_id = c.id and t.person = $3 and t.done_us is null))
	and (cast($4 as bigint) is null or exists (select 1 from flow_clock k
		where k.case_id = c.id and k.done_us is null and k.due_us < $4))
	and (cast($5 as bigint) = 0 or c.closed_us is null)
	and ($6 = '' or c.title like $6 escape '\')
	and (c.opened_us < $7 or (c.opened_us = $7 and c.id < $8))
order by c.opened_us desc, c.id desc limit $9
