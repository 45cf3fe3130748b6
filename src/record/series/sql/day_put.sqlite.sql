INSERT OR REPLACE INTO series_day (key, n, n_valid, scale, sum, min, max, hours)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
