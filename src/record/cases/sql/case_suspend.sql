-- Suspends or goes on. $1 id, $2 since when or NULL, $3 until when or NULL
update flow_case set suspended_us = $2, resume_us = $3 where id = $1
