-- Pauses of their cases. $1 now, $2 how many clocks
select case_id, kind, from_us, to_us from flow_pause
where case_id in (select case_id from flow_clock
	where next_us <= $1 and done_us is null order by next_us, id limit $2)
