-- All sites for the snapshot, the attributes in the order of SS_SITE_ATTRIBUTES.
select s.id, s.uid, s.code, s.name, s.kind, s.district, s.lon, s.lat, s.state,
	coalesce((select a.value from site_attribute a where a.site_id = s.id and a.name = 'target'), ''),
	coalesce((select a.value from site_attribute a where a.site_id = s.id and a.name = 'zone'), ''),
	coalesce((select a.value from site_attribute a where a.site_id = s.id and a.name = 'body'), ''),
	coalesce((select a.value from site_attribute a where a.site_id = s.id and a.name = 'label'), '')
from site s order by s.id
