-- Takes an event, once. $4 now, $5 error
insert into module_event (module, event, about, done_us, error) values ($1, $2, $3, $4, $5)
on conflict (module, event, about) do nothing
