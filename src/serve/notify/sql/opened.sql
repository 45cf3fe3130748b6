-- Opened, the first time only. $1 id, $2 user, $3 when
update notice set opened_us = coalesce(opened_us, $3), shown_us = coalesce(shown_us, $3) where id = $1 and to_user = $2
