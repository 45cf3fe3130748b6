-- Links. $1 case
select kind, ref, title, by_id, by_name, at_us from flow_link where case_id = $1 order by at_us, kind, ref
