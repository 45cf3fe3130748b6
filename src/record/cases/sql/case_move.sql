-- Enters a state. $1 id, $2 state, $3 step, $4 time, $5 when it closed or NULL
update flow_case set state = $2, step = $3, entered_us = $4, closed_us = $5 where id = $1
