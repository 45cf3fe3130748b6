-- Cases whose open clocks were worked out by another law. $1 version of the law, $2 behind this case, $3 how many
select distinct k.case_id, c.flow from flow_clock k join flow_case c on c.id = k.case_id
where k.done_us is null and k.law_version <> $1 and k.case_id > $2 order by k.case_id limit $3
