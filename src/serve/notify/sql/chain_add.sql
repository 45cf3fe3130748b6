-- Who comes next when nobody accepts.
insert into notice_chain (id, content, steps, step, due_us, done) values ($1, $2, $3, 0, $4, 0)
