-- $1 receiver, $2 epoch, $3 sequence, $4 schema, $5 made, $6 digest of the manifest
insert into exchange_sent (receiver, epoch, sequence, schema_name, made_us, sm3) values ($1, $2, $3, $4, $5, $6)
