-- Counts from elsewhere. $1 id, $2 start
update flow_clock set start_us = $2 where id = $1
