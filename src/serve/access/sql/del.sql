-- One row away: sessions and tokens that ended.
delete from access_row where kind = $1 and id = $2
