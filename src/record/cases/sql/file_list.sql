-- Files. $1 case
select id, digest, kind, name, type, size, about, state, step, by_id, by_name, at_us
from flow_file where case_id = $1 order by at_us, id
