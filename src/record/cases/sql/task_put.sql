-- A task. $1 id, $2 case, $3 step, $4 state, $5 kind, $6 roles, $7 area, $8 org, $9 person, $10 his name, $11 time
insert into flow_task (id, case_id, step, state, kind, roles, area, org, person, person_name, created_us)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
