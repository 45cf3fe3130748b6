SELECT time_us, seq, value, mark FROM series_version WHERE series = $1 AND time_us = $2 ORDER BY no
