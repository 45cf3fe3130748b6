INSERT INTO series (id, class, site, point, count) VALUES ($1, $2, $3, $4, 0)
