insert into thing_merge (id, type, winner, loser, version_before, version_after, at_us, by_user,
	undone_us) values ($1, $2, $3, $4, $5, $6, $7, $8, null)
