-- A message that waits to go out.
insert into notice_out (id, notice, way, address, state, tries, next_us, error) values ($1, $2, $3, $4, 'waiting', 0, $5, '')
