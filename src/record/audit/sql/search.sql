-- Newest first. $1 below this number; $2 $3 time from and to; $4 actor, $5 action, $6 outcome, $7 via,
-- each '' = any; $8 pattern in target, origin or detail, '' = any; $9 how many
select seq, at_us, status, actor, via, origin, session, request, action, target, outcome, detail, chain
from audit
where seq < $1 and at_us >= $2 and at_us < $3
	and ($4 = '' or actor = $4) and ($5 = '' or action = $5)
	and ($6 = '' or outcome = $6) and ($7 = '' or via = $7)
	and ($8 = '' or lower(target) like $8 escape '\' or lower(origin) like $8 escape '\'
		or lower(detail) like $8 escape '\')
order by seq desc limit $9
