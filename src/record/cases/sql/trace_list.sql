-- The trace. $1 case
select n, at_us, by_id, by_name, act, from_state, to_state, step, note, data from flow_trace where case_id = $1 order by n
