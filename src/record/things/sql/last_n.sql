select coalesce(max(n), 0) from thing where type = $1
