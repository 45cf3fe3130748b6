-- A link. $1 case, $2 kind, $3 ref, $4 title, $5 by, $6 his name, $7 time
insert into flow_link (case_id, kind, ref, title, by_id, by_name, at_us) values ($1, $2, $3, $4, $5, $6, $7)
on conflict do nothing
