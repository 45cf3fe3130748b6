-- Cases linked to something. $1 kind, $2 ref
select c.id, c.flow, c.state, c.title, c.opened_us, c.closed_us from flow_link l join flow_case c on c.id = l.case_id
where l.kind = $1 and l.ref = $2 order by c.opened_us, c.id
