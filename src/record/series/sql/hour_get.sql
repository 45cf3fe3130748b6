SELECT series, at, n, n_valid, scale, sum, min, max FROM series_hour
WHERE series = $1 AND at >= $2 AND at < $3 ORDER BY at
