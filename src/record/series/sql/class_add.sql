INSERT INTO series_class (id, factor, stat, period) VALUES ($1, $2, $3, $4)
