select id from thing where alias_of = $1 order by id
