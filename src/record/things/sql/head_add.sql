insert into thing (id, type, n, version, state, alias_of, created_us, created_by)
values ($1, $2, $3, $4, $5, null, $6, $7)
