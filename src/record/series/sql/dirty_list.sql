SELECT id, series, hour FROM series_dirty WHERE id > $1 ORDER BY id LIMIT $2
