UPDATE series SET count = $2, first_us = $3, last_us = $4, last_value = $5, last_mark = $6
WHERE id = $1
