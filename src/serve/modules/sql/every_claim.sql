-- Takes a period, once: whoever comes second, or with an older one, changes nothing. $1 id, $2 period, $3 now
insert into module_every (id, period, ran_us) values ($1, $2, $3)
on conflict (id) do update set period = excluded.period, ran_us = excluded.ran_us
where module_every.period < excluded.period
