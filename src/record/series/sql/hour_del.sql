DELETE FROM series_hour WHERE series = $1 AND at >= $2 AND at < $3
