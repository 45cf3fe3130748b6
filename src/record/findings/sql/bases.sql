SELECT id, rule, standard, clause, law, code FROM finding_basis ORDER BY id
