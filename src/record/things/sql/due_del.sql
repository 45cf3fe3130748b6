delete from thing_due where id = $1 and at_us <= $2
