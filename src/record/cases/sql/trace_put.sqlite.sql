-- An entry. $1 case, $2 n, $3 time, $4 by, $5 his name, $6 act, $7 from, $8 to, $9 step, $10 note, $11 data, $12 id of the asker
insert into flow_trace (case_id, n, at_us, by_id, by_name, act, from_state, to_state, step, note, data, ask)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
