INSERT INTO series_dirty (series, hour) VALUES ($1, $2)
