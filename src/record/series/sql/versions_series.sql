SELECT time_us, seq, value, mark FROM series_version WHERE series = $1 ORDER BY time_us, no
