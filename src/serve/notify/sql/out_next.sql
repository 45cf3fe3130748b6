-- When something is due next.
select min(next_us) from notice_out where state = 'waiting'
