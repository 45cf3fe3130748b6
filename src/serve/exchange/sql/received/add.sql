-- $1 sender, $2 epoch, $3 sequence, $4 schema, $5 made, $6 taken, $7 digest of the manifest, $8 the package
insert into exchange_received (sender, epoch, sequence, schema_name, made_us, taken_us, sm3, package)
values ($1, $2, $3, $4, $5, $6, $7, $8)
