-- One notice to one person.
insert into notice (id, to_user, chain, module, level, title_zh, title_en, body_zh, body_en, link, created_us)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
