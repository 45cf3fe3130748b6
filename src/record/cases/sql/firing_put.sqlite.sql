-- A step fired. $1 clock, $2 step, $3 case, $4 act, $5 when it should have, $6 when it did, $7 how late
insert into flow_firing (clock_id, step, case_id, act, due_us, fired_us, late_us)
values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing
