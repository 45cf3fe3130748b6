-- When a chain is due next.
select min(due_us) from notice_chain where done = 0
