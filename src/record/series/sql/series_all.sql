SELECT id, class, site, point, count, first_us, last_us, last_value, last_mark FROM series ORDER BY id
