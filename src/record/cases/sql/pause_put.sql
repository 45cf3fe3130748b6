-- A time that is not counted. $1 id, $2 case, $3 kind, $4 from, $5 to or NULL, $6 note, $7 document, $8 by, $9 his name
insert into flow_pause (id, case_id, kind, from_us, to_us, note, document, by_id, by_name)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
