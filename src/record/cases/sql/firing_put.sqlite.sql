-- Steps fired. Rows: c0 clock, c1 step, c2 case, c3 act, c4 when it should have, c5 when it did, c6 how late
insert into flow_firing (clock_id, step, case_id, act, due_us, fired_us, late_us)
select c0, c1, c2, c3, c4, c5, c6 from ss_rows($1) n where true
on conflict do nothing
