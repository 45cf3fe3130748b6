SELECT series, at, n, n_valid, scale, sum, min, max FROM series_day
WHERE class = $1 AND at >= $2 AND at < $3 ORDER BY series, at
