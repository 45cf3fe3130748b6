-- Steps fired. Arrays: $1 clock, $2 step, $3 case, $4 act, $5 when it should have, $6 when it did, $7 how late
insert into flow_firing (clock_id, step, case_id, act, due_us, fired_us, late_us)
select * from unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::bigint[])
on conflict do nothing
