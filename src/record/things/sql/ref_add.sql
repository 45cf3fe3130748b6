insert into thing_ref (from_id, field, to_id) values ($1, $2, $3) on conflict do nothing
