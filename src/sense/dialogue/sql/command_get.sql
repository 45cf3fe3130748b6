select id, mn, cn, cp, secret, origin, by_whom, reason, gap_id, state, asked_us, expires_us, sent_us, done_us, code,
	qn_rtn, exe_rtn, sent, frames, qn, data
from device_command
where id = $1
