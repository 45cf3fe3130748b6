-- Stops for good. $1 id, $2 time
update flow_clock set done_us = $2, next_us = null where id = $1 and done_us is null
