-- $1 feature; columns: number, name, digest.
select number, name, digest from schema_migration where feature = $1 order by number
