-- $1 type, $2 after id, $3 how many
select id from thing where type = $1 and id > $2 order by id limit $3
