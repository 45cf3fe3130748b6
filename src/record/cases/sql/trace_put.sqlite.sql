-- Entries. Rows: c0 case, c1 n, c2 time, c3 by, c4 his name, c5 act, c6 from, c7 to, c8 step, c9 note, c10 data, c11 id of the asker
insert into flow_trace (case_id, n, at_us, by_id, by_name, act, from_state, to_state, step, note, data, ask)
select c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11 from ss_rows($1) n
