-- Moves a task to an area. $1 id, $2 area
update flow_task set area = $2 where id = $1 and done_us is null
