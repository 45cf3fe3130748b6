-- When they end and fire next, by the law that they were worked out by. Rows: c0 id, c1 last day, c2 due, c3 next step, c4 next firing, c5 sure
-- Or fail: nothing is kept to undo the statement, since a transaction in which one failed is given up.
update or fail flow_clock set last_day = n.c1, due_us = n.c2, next_step = n.c3, next_us = n.c4, sure = n.c5
from ss_rows($1) n where id = n.c0 and done_us is null
