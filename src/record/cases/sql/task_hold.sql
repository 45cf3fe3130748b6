-- Somebody has it, or nobody. $1 id, $2 person or NULL, $3 his name, $4 time or NULL
update flow_task set person = $2, person_name = $3, claimed_us = $4, offer = null, offered_us = null where id = $1 and done_us is null
