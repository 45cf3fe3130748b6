SELECT key, substr(data, 1, 5) FROM series_block WHERE key >= $1 AND key < $2 ORDER BY key
