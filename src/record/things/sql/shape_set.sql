insert into thing_shape (type, shape) values ($1, $2)
on conflict (type) do update set shape = excluded.shape
