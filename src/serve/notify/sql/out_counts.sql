-- How many by way and state.
select way, state, count(*) from notice_out group by way, state order by way, state
