-- States that their cases were in, the last first. $1 now, $2 how many clocks
select case_id, at_us, to_state from flow_trace
where to_state <> '' and case_id in (select case_id from flow_clock
	where next_us <= $1 and done_us is null order by next_us, id limit $2) order by case_id, n desc
