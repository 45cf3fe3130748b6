-- Clocks that fire. $1 now, $2 how many
select k.id, k.case_id, c.flow, k.next_us from flow_clock k join flow_case c on c.id = k.case_id
where k.next_us <= $1 order by k.next_us, k.id limit $2
