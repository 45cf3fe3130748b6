delete from thing_ref where from_id = $1
