update thing_merge set undone_us = $2 where id = $1
