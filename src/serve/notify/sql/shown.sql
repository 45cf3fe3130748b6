-- The person's page had all from $2 to $3. $1 user, $4 when
update notice set shown_us = $4 where to_user = $1 and id >= $2 and id <= $3 and shown_us is null
