-- A clock. $1 id, $2 case, $3 clock, $4 state, $5 step, $6 title, $7 n, $8 unit, $9 law, $10 its version, $11 start
insert into flow_clock (id, case_id, clock, state, step, title, n, unit, law, law_version, sure, start_us, next_step)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, 0)
