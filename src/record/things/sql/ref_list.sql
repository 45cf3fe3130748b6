select field, to_id from thing_ref where from_id = $1 order by field, to_id
