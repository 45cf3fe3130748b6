-- The newest row's number and chain value.
select seq, chain from audit order by seq desc limit 1
