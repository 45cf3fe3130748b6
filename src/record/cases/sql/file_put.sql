-- A file of a case. $1 id, $2 case, $3 digest, $4 kind, $5 name, $6 type, $7 size, $8 about, $9 state, $10 step, $11 by, $12 his name, $13 time
insert into flow_file (id, case_id, digest, kind, name, type, size, about, state, step, by_id, by_name, at_us)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
