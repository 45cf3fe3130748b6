-- The case. $1 id
select id, flow, version, state, step, n, area, org, owner, title, parent, opened_us, entered_us, closed_us,
	suspended_us, resume_us, supervised_us
from flow_case where id = $1
