-- The journal does not take it. $1 id, $2 why
update module_act set error = $2 where id = $1
