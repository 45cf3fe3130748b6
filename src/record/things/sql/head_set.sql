-- $1 id, $2 version, $3 state, $4 alias
update thing set version = $2, state = $3, alias_of = $4 where id = $1
