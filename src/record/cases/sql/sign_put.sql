-- A signature asked for or given. $1 id, $2 case, $3 step, $4 kind, $5 leave, $6 round, $7 rule, $8 person, $9 his name, $10 verdict or NULL, $11 note, $12 asked, $13 signed or NULL
insert into flow_sign (id, case_id, step, kind, leave_to, round, rule, person, person_name, verdict, note, asked_us, signed_us)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
