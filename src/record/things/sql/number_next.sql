insert into thing_number (series, n) values ($1, 1)
on conflict (series) do update set n = thing_number.n + 1
returning n
