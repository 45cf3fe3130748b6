SELECT k.id, d.name, k.site, k.point, k.factor, k.sub
FROM finding_key k JOIN finding_kind d ON d.id = k.kind ORDER BY k.id
