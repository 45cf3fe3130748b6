insert into thing_version (id, version, op, valid_from_us, valid_to_us, recorded_us, user_id,
	user_name, reason, label, body)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
