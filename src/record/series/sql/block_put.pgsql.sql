INSERT INTO observation (series, time_us, value, mark, revised)
SELECT series, time_us, value, mark, revised FROM series_new_observation
ON CONFLICT (series, time_us) DO UPDATE SET value = excluded.value, mark = excluded.mark,
	revised = excluded.revised
