SELECT d.name, k.site, k.point, k.factor, k.sub, f.start_us, f.end_us, f.version, f.withdrawn, f.state,
	f.value, f.body, b.rule, b.standard, b.clause, b.law, b.code, f.seq, f.known_us, f.note
FROM finding f JOIN finding_key k ON k.id = f.key JOIN finding_kind d ON d.id = f.kind
JOIN finding_basis b ON b.id = f.basis
WHERE f.key = $1 AND f.start_us = $2
