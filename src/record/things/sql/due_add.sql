insert into thing_due (at_us, id) values ($1, $2) on conflict do nothing
