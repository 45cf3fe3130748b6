-- Signatures. $1 case
select id, step, kind, leave_to, round, rule, person, person_name, verdict, note, asked_us, signed_us
from flow_sign where case_id = $1 order by asked_us, id
