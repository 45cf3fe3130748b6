-- A new case. $1 id, $2 flow, $3 version, $4 state, $5 area, $6 org, $7 owner, $8 title, $9 parent, $10 time
insert into flow_case (id, flow, version, state, step, n, area, org, owner, title, parent, opened_us, entered_us)
values ($1, $2, $3, $4, 1, 0, $5, $6, $7, $8, $9, $10, $10)
