-- Current rows of a kind that have no end, latest first.
-- $1 kind, $2 from, $3 to, $4 site (0: any), $5 point, $6 factor, $7 sub (NULL: any), $8 states as
-- '|a|b|' (NULL: any), $9 withdrawn ones too (1), $10 $11 start and key of the row before.
-- The order of CROSS JOIN is the one in which SQLite looks.
SELECT d.name, k.site, k.point, k.factor, k.sub, f.start_us, f.end_us, f.version, f.withdrawn, f.state,
	f.value, f.body, b.rule, b.standard, b.clause, b.law, b.code, f.seq, f.known_us, f.note
FROM finding f CROSS JOIN finding_key k
CROSS JOIN finding_kind d CROSS JOIN finding_basis b
WHERE k.id = f.key AND d.id = f.kind AND b.id = f.basis AND f.kind = $1
	AND f.start_us >= $2 AND f.start_us < $3 AND f.end_us IS NULL AND (cast($4 as bigint) = 0 OR k.site = $4)
	AND (cast($5 as text) IS NULL OR k.point = $5)
	AND (cast($6 as text) IS NULL OR k.factor = $6)
	AND (cast($7 as text) IS NULL OR k.sub = $7)
	AND (cast($8 as text) IS NULL OR cast($8 as text) LIKE '%|' || f.state || '|%')
	AND (f.withdrawn = 0 OR cast($9 as integer) = 1)
	AND (f.start_us < $10 OR (f.start_us = $10 AND f.key < $11))
ORDER BY f.start_us DESC, f.key DESC
