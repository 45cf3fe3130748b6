-- Offered to somebody, or no more. $1 id, $2 JSON or NULL, $3 time
update flow_task set offer = $2, offered_us = $3 where id = $1 and done_us is null
