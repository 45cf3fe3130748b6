-- One row, new or in place of the one before.
insert into access_row (kind, id, body, mac) values ($1, $2, $3, $4)
on conflict (kind, id) do update set body = excluded.body, mac = excluded.mac
