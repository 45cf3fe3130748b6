-- Longer. $1 id, $2 units more
update flow_clock set n = n + $2, extended = extended + $2 where id = $1
