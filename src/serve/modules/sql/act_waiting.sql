-- Acts that did not get to the journal, the oldest first. $1 made before
select id, act from module_act where made_us < $1 and error = '' order by id limit 100
