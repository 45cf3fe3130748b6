SELECT id, name FROM finding_kind ORDER BY id
