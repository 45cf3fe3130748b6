-- Clocks that fire, as far as firing needs them. $1 now, $2 how many
select id, case_id, clock, state, title, n, unit, start_us, due_us, next_step, next_us
from flow_clock where next_us <= $1 and done_us is null order by next_us, id limit $2
