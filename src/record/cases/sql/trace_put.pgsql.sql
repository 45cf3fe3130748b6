-- Entries. Arrays: $1 case, $2 n, $3 time, $4 by, $5 his name, $6 act, $7 from, $8 to, $9 step, $10 note, $11 data, $12 id of the asker
insert into flow_trace (case_id, n, at_us, by_id, by_name, act, from_state, to_state, step, note, data, ask)
select * from unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
	$9::bigint[], $10::text[], $11::text[], $12::text[])
