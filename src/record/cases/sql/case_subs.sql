-- Sub-cases. $1 id of the parent
select id, flow, state, title, opened_us, closed_us from flow_case where parent = $1 order by opened_us, id
