-- The step was taken: only once, whoever comes second changes nothing. $1 id, $2 step it was at, $3 next, $4 due, $5 done
update notice_chain set step = $3, due_us = $4, done = $5 where id = $1 and step = $2 and done = 0
