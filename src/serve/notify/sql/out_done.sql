-- What became of a try. $2 state, $3 tries, $4 when to try again, $5 sent (null = not), $6 error
update notice_out set state = $2, tries = $3, next_us = $4, sent_us = $5, error = $6 where id = $1 and state = 'waiting'
