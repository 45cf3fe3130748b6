-- Served. $1 id, $2 time
update flow_document set frozen_us = $2 where id = $1 and frozen_us is null
