select id from thing_due where at_us <= $1 order by at_us, id limit 500
