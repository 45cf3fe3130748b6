-- Clocks in the order in which they fire; one that has ended never does.
drop index flow_clock_next;
create index flow_clock_next on flow_clock (next_us, id) where next_us is not null and done_us is null;
