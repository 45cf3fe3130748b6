INSERT INTO act_target (name, value, seq) VALUES ($1, $2, $3)
ON CONFLICT (name, value, seq) DO NOTHING
