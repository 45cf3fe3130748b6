SELECT key, data FROM series_block WHERE key >= $1 AND key < $2 ORDER BY key DESC
