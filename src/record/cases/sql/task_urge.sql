-- Open tasks were urged. $1 case
update flow_task set urged = urged + 1 where case_id = $1 and done_us is null
