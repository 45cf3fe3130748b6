-- What is about to be replaced by another content moves to the past. CROSS JOIN: SQLite keeps this order
-- (left to choose it walks all that is kept, once a commit).
INSERT INTO finding_past (version, key, start_us, end_us, kind, withdrawn, state, value, body, basis, seq, known_us, note)
SELECT f.version, f.key, f.start_us, f.end_us, f.kind, f.withdrawn, f.state, f.value, f.body, f.basis, f.seq, f.known_us, f.note
FROM finding_new n CROSS JOIN finding f
WHERE f.key = n.key AND f.start_us = n.start_us AND (f.end_us IS DISTINCT FROM n.end_us OR f.withdrawn IS DISTINCT FROM n.withdrawn OR f.state IS DISTINCT FROM n.state OR f.value IS DISTINCT FROM n.value OR f.body IS DISTINCT FROM n.body OR f.basis IS DISTINCT FROM n.basis OR f.note IS DISTINCT FROM n.note)
