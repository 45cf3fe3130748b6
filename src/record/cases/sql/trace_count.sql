-- Its number. $1 case, $2 n
update flow_case set n = $2 where id = $1
