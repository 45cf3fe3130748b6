-- $1 id: both directions
select kind, to_id, at_us, 1 from thing_link where from_id = $1
union all select kind, from_id, at_us, 0 from thing_link where to_id = $1
order by 3, 2
