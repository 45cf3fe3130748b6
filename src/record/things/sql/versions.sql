-- $1 id
select version, op, valid_from_us, valid_to_us, recorded_us, user_id, user_name, reason, label, body
from thing_version where id = $1 order by version desc
