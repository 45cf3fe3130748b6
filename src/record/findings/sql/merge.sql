INSERT INTO finding (version, key, start_us, end_us, kind, withdrawn, state, value, body, basis, seq, known_us, note)
SELECT 1, key, start_us, end_us, kind, withdrawn, state, value, body, basis, seq, known_us, note FROM finding_new WHERE true
ON CONFLICT (key, start_us) DO UPDATE SET version = finding.version + 1, end_us = excluded.end_us,
	withdrawn = excluded.withdrawn, state = excluded.state, value = excluded.value,
	body = excluded.body, basis = excluded.basis, seq = excluded.seq, known_us = excluded.known_us,
	note = excluded.note
WHERE finding.end_us IS DISTINCT FROM excluded.end_us OR finding.withdrawn IS DISTINCT FROM excluded.withdrawn OR finding.state IS DISTINCT FROM excluded.state OR finding.value IS DISTINCT FROM excluded.value OR finding.body IS DISTINCT FROM excluded.body OR finding.basis IS DISTINCT FROM excluded.basis OR finding.note IS DISTINCT FROM excluded.note
