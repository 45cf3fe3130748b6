-- One row, in the order of the bytes that are chained.
insert into audit (seq, at_us, status, actor, via, origin, session, request, action, target, outcome, detail, chain)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
