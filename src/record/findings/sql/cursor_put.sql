INSERT INTO finding_cursor (deriver, seq) VALUES ($1, $2)
ON CONFLICT (deriver) DO UPDATE SET seq = excluded.seq
