-- The columns of the import in its order; no password, no key.
select d.mn, s.code, s.name, s.kind, s.district, s.lon, s.lat, s.state, d.point, d.edition, d.system,
	d.interval_s, d.accept_wrong_len, d.accept_modbus_crc, d.stamps_period_end,
	coalesce((select a.value from site_attribute a where a.site_id = s.id and a.name = 'target'), ''),
	coalesce((select a.value from site_attribute a where a.site_id = s.id and a.name = 'zone'), ''),
	coalesce((select a.value from site_attribute a where a.site_id = s.id and a.name = 'body'), ''),
	coalesce((select a.value from site_attribute a where a.site_id = s.id and a.name = 'label'), '')
from device d join site s on s.id = d.site_id
order by s.code, d.mn
