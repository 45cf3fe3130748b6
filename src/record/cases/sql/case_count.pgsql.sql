-- Number of their trace entries. Arrays: $1 id, $2 n, $3 under supervision since, where it was not; or NULL
update flow_case c set n = d.n, supervised_us = coalesce(c.supervised_us, d.supervised_us)
from unnest($1::text[], $2::bigint[], $3::bigint[]) as d (id, n, supervised_us)
where c.id = d.id
