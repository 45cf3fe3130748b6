-- Open tasks, oldest first. $1 person, '' = whoever; $2 behind this time, $3 behind this id, $4 how many
select t.id, t.case_id, t.step, t.state, t.kind, t.roles, t.area, t.org, t.person, t.person_name, t.offer, t.urged,
	t.created_us, c.flow, c.title, c.area as case_area, c.org as case_org, c.owner, c.suspended_us, c.supervised_us,
	(select min(k.due_us) from flow_clock k where k.case_id = c.id and k.done_us is null) as due_us
from flow_task t join flow_case c on c.id = t.case_id
where t.done_us is null and ($1 = '' or t.person = $1)
	and (t.created_us > $2 or (t.created_us = $2 and t.id > $3))
order by t.created_us, t.id limit $4
