-- One task is done. $1 id, $2 time, $3 outcome
update flow_task set done_us = $2, outcome = $3 where id = $1 and done_us is null
