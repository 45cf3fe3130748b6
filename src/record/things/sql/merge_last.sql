-- $1 winner, $2 loser ('' = any): the last that was not undone
select id, winner, loser, version_before, version_after from thing_merge
where winner = $1 and ($2 = '' or loser = $2) and undone_us is null
order by at_us desc, id desc limit 1
