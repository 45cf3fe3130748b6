-- The other side says what became of it. $1 id, $2 state, $3 when, $4 words
update notice_out set state = $2, receipt_us = $3, error = $4 where id = $1
