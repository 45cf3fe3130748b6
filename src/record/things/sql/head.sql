-- $1 id
select id, type, state, alias_of, n, version, created_us, created_by from thing where id = $1
