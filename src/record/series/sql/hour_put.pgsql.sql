INSERT INTO series_hour (series, at, class, n, n_valid, scale, sum, min, max)
SELECT series, at, class, n, n_valid, scale, sum, min, max FROM series_new_hour
ON CONFLICT (series, at) DO UPDATE SET n = excluded.n, n_valid = excluded.n_valid,
	scale = excluded.scale, sum = excluded.sum, min = excluded.min, max = excluded.max
