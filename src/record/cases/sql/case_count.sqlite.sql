-- Number of its trace entries. $1 id, $2 n, $3 under supervision since, where it was not; or NULL
update flow_case set n = $2, supervised_us = coalesce(supervised_us, $3) where id = $1
