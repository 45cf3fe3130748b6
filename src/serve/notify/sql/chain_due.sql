-- Chains whose next step is due by $1. $2 how many
select id, content, steps, step from notice_chain where done = 0 and due_us <= $1 order by due_us, id limit $2
