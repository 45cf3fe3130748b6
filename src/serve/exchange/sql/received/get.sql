-- The digest of a package that was taken. $1 sender, $2 epoch, $3 sequence
select sm3 from exchange_received where sender = $1 and epoch = $2 and sequence = $3
