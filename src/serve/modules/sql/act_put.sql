-- An act that is to go to the journal. $1 id, $2 act as JSON, $3 when
insert into module_act (id, act, made_us, error) values ($1, $2, $3, '')
