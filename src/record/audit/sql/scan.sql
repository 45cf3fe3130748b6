-- Every row in order, for the verification. $1 below the first
select seq, at_us, status, actor, via, origin, session, request, action, target, outcome, detail, chain
from audit where seq > $1 order by seq
