-- All devices for the snapshot.
select mn, site_id, point, edition, system, pw, accept_wrong_len, accept_modbus_crc,
	stamps_period_end, sm4_key, interval_s, registered_us
from device order by mn
