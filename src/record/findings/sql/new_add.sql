INSERT INTO finding_new (key, start_us, end_us, kind, withdrawn, state, value, body, basis, seq, known_us, note)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
