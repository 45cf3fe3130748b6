INSERT INTO finding_key (id, kind, site, point, factor, sub) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id) DO NOTHING
