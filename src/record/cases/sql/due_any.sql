-- Some clock that fires. $1 now
select id from flow_clock where next_us <= $1 and done_us is null limit 1
