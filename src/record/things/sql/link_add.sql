insert into thing_link (from_id, kind, to_id, at_us, by_user) values ($1, $2, $3, $4, $5)
on conflict do nothing
