-- What was done for an asker's id. $1 case, $2 id
select n from flow_trace where case_id = $1 and ask = $2
