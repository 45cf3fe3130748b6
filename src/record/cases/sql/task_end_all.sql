-- All open tasks end. $1 case, $2 time, $3 outcome
update flow_task set done_us = $2, outcome = $3 where case_id = $1 and done_us is null
