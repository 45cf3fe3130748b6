-- $1 mn, $2 system, $3 peer, $4 first, $5 last, $6 frames, $7 first seq, $8 last seq.
insert into device_unknown (mn, system, peer, first_us, last_us, frames, first_seq, last_seq)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (mn) do update set system = excluded.system, peer = excluded.peer,
	first_us = excluded.first_us, last_us = excluded.last_us, frames = excluded.frames,
	first_seq = excluded.first_seq, last_seq = excluded.last_seq
