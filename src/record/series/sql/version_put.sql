INSERT INTO series_version (series, time_us, no, seq, value, mark) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (series, time_us, no) DO UPDATE SET seq = excluded.seq, value = excluded.value,
	mark = excluded.mark
