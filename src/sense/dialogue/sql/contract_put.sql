insert into device_contract (mn, cn, interval_s, by_whom, declared_us) values ($1, $2, $3, $4, $5)
on conflict (mn, cn) do update set interval_s = excluded.interval_s, by_whom = excluded.by_whom,
	declared_us = excluded.declared_us
