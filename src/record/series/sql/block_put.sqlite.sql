INSERT OR REPLACE INTO series_block (key, data) VALUES ($1, $2)
