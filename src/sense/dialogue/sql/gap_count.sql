select state, count(*), coalesce(sum(missing), 0) from device_gap group by state order by state
