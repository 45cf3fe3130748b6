-- Ends it. $1 id, $2 to
update flow_pause set to_us = $2 where id = $1 and to_us is null
