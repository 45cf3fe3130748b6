INSERT OR REPLACE INTO series_hour (series, at, n, n_valid, scale, sum, min, max)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
