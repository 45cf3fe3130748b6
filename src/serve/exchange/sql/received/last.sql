-- The highest epoch of a sender, and its last number. $1 sender
select epoch, sequence from exchange_received where sender = $1 order by epoch desc, sequence desc limit 1
