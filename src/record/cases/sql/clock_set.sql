-- When it ends and fires next. $1 id, $2 last day, $3 due, $4 next step, $5 next firing, $6 sure, $7 version of the law
update flow_clock set last_day = $2, due_us = $3, next_step = $4, next_us = $5, sure = $6, law_version = $7
where id = $1 and done_us is null
