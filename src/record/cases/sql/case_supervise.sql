-- Under supervision since. $1 id, $2 time
update flow_case set supervised_us = $2 where id = $1 and supervised_us is null
