INSERT INTO act (seq, id, act, by_name, at_us, reason, body, result)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (seq) DO NOTHING
