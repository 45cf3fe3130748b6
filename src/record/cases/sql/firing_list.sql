-- What fired in a case. $1 case
select f.clock_id, k.clock, f.step, f.act, f.due_us, f.fired_us, f.late_us
from flow_firing f join flow_clock k on k.id = f.clock_id where f.case_id = $1 order by f.fired_us, f.step
