-- Times that are not counted. $1 case
select id, kind, from_us, to_us, note, document, by_id, by_name from flow_pause where case_id = $1 order by from_us, id
