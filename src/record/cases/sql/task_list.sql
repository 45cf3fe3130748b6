-- Tasks of a case. $1 case
select id, step, state, kind, roles, area, org, person, person_name, offer, offered_us, urged, created_us,
	claimed_us, done_us, outcome
from flow_task where case_id = $1 order by created_us, id
