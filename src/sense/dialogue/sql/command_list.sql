select id, mn, cn, cp, secret, origin, by_whom, reason, gap_id, state, asked_us, expires_us, sent_us, done_us, code,
	qn_rtn, exe_rtn, sent, frames, qn, data
from device_command
where (cast($1 as text) = '' or mn = $1) and id < $2 order by id desc limit $3
