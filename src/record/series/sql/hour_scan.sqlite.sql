SELECT series, at, n, n_valid, scale, sum, min, max FROM series_hour
WHERE at >= $1 AND at < $2 ORDER BY series, at
