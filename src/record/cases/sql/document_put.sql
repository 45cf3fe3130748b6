-- A document. $1 id, $2 case, $3 document, $4 version, $5 number, $6 title, $7 html, $8 digest, $9 state, $10 by, $11 his name, $12 time
insert into flow_document (id, case_id, document, version, number, title, html, digest, state, by_id, by_name, at_us)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
