SELECT key, n, n_valid, scale, sum, min, max, hours FROM series_day WHERE key = $1
