-- Cases that have a file. $1 digest
select distinct c.id, c.flow, c.title, f.type, f.name from flow_file f join flow_case c on c.id = f.case_id
where f.digest = $1 order by c.id
