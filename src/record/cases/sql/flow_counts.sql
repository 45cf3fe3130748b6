-- Cases by flow and state
select flow, state, count(*) as cases, sum(case when closed_us is null then 1 else 0 end) as running from flow_case group by flow, state order by flow, state
