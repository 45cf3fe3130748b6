-- A decision of a person stays.
insert into thing_pair (a, b, type, score, why, state, at_us, by_user)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (a, b) do update set score = excluded.score, why = excluded.why
