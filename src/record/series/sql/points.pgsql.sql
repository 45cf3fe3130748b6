SELECT time_us, value, mark, revised FROM observation
WHERE series = $1 AND time_us >= $2 AND time_us < $3 ORDER BY time_us
