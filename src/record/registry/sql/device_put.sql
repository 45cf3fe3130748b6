-- $1 mn, $2 site, $3 point, $4 edition, $5 system, $6 pw, $7 wrong length, $8 modbus CRC, $9 period
-- end, $10 SM4 key, $11 interval, $12 registered, $13 now. The first registration's time stays.
insert into device (mn, site_id, point, edition, system, pw, accept_wrong_len, accept_modbus_crc,
	stamps_period_end, sm4_key, interval_s, registered_us, updated_us)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
on conflict (mn) do update set site_id = excluded.site_id, point = excluded.point,
	edition = excluded.edition, system = excluded.system, pw = excluded.pw,
	accept_wrong_len = excluded.accept_wrong_len,
	accept_modbus_crc = excluded.accept_modbus_crc,
	stamps_period_end = excluded.stamps_period_end, sm4_key = excluded.sm4_key,
	interval_s = excluded.interval_s, updated_us = excluded.updated_us
