-- Suspended cases whose time is over. $1 now, $2 how many
select id, flow, resume_us from flow_case where resume_us <= $1 order by resume_us, id limit $2
