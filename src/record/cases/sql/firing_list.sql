-- What fired in a case. $1 case
select f.clock_id, k.clock, f.step, f.act, f.due_us, f.fired_us, f.late_us
from flow_clock k join flow_firing f on f.clock_id = k.id where k.case_id = $1 order by f.fired_us, f.step
