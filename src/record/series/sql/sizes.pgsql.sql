SELECT coalesce(sum(pg_total_relation_size(i.inhrelid)), 0)
		+ pg_total_relation_size('series_hour') + pg_total_relation_size('series_day')
		+ pg_total_relation_size('series'),
	coalesce(sum(pg_total_relation_size(i.inhrelid)), 0),
	pg_total_relation_size('series_hour')
FROM pg_inherits i WHERE i.inhparent = 'observation'::regclass
