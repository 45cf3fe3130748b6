-- $1 id, $2 as of, $3 known at
select version, op, valid_from_us, valid_to_us, recorded_us, user_id, user_name, reason, label, body
from thing_version
where id = $1 and valid_from_us <= $2 and valid_to_us > $2 and recorded_us <= $3
order by version desc limit 1
