DELETE FROM observation WHERE series = $1 AND time_us >= $2 AND time_us < $3
