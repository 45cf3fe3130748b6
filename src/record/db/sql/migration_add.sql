-- $1 feature, $2 number, $3 name, $4 SM3 of the text in hex, $5 microseconds UTC.
insert into schema_migration (feature, number, name, digest, applied_us)
values ($1, $2, $3, $4, $5)
