insert into device_command (id, mn, cn, cp, secret, origin, by_whom, reason, gap_id, state, asked_us, expires_us,
	sent_us, done_us, code, qn_rtn, exe_rtn, sent, frames, qn, data)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
on conflict (id) do update set state = excluded.state, sent_us = excluded.sent_us, done_us = excluded.done_us,
	code = excluded.code, qn_rtn = excluded.qn_rtn, exe_rtn = excluded.exe_rtn, sent = excluded.sent,
	frames = excluded.frames, qn = excluded.qn, data = excluded.data
