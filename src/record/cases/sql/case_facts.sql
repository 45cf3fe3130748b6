-- What is told of the record. $1 id, $2 area, $3 org, $4 title
update flow_case set area = $2, org = $3, title = $4 where id = $1
