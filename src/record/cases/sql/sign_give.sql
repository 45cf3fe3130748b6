-- The answer. $1 id, $2 verdict, $3 note, $4 time
update flow_sign set verdict = $2, note = $3, signed_us = $4 where id = $1 and verdict is null
