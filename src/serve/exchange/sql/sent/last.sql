-- The last number given. $1 receiver, $2 epoch
select coalesce(max(sequence), 0) from exchange_sent where receiver = $1 and epoch = $2
