SELECT value FROM series_meta WHERE name = $1
