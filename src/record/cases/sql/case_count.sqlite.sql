-- Number of their trace entries. Rows: c0 id, c1 n, c2 under supervision since, where it was not; or NULL
-- Or fail: nothing is kept to undo the statement, since a transaction in which one failed is given up.
update or fail flow_case set n = n.c1, supervised_us = coalesce(supervised_us, n.c2) from ss_rows($1) n where id = n.c0
