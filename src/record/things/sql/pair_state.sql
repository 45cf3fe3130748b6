update thing_pair set state = $3, at_us = $4, by_user = $5 where a = $1 and b = $2
