INSERT INTO finding_basis (id, rule, standard, clause, law, code) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (id) DO NOTHING
