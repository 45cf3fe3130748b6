-- Acts, latest first.
-- $1 $2 name and value of the target (NULL), $3 id, $4 by, $5 act, $6 beginning of act (NULL: any),
-- $7 from, $8 to, $9 seq of the act before.
SELECT a.seq, a.id, a.act, a.by_name, a.at_us, a.reason, a.body, a.result
FROM act a WHERE cast($1 as text) IS NULL AND cast($2 as text) IS NULL
	AND (cast($3 as text) IS NULL OR a.id = $3)
	AND (cast($4 as text) IS NULL OR a.by_name = $4)
	AND (cast($5 as text) IS NULL OR a.act = $5)
	AND (cast($6 as text) IS NULL OR substr(a.act, 1, length(cast($6 as text))) = $6)
	AND a.at_us >= $7 AND a.at_us < $8 AND a.seq < $9
ORDER BY a.seq DESC
