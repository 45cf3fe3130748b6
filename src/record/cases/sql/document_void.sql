-- Void, the number stays used. $1 id, $2 time, $3 reason
update flow_document set void_us = $2, void_reason = $3 where id = $1 and void_us is null
