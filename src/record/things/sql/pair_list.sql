-- $1 type, $2 state, $3 how many
select a, b, score, why, state, at_us, by_user from thing_pair
where type = $1 and state = $2 order by score desc, a, b limit $3
