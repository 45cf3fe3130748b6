-- What is to go out by $1, the oldest first, with its notice. $2 how many
select o.id, o.way, o.address, o.tries, n.id, n.to_user, n.module, n.level, n.title_zh, n.title_en, n.body_zh, n.body_en,
	n.link, n.created_us
from notice_out o join notice n on n.id = o.notice
where o.state = 'waiting' and o.next_us <= $1 order by o.next_us, o.id limit $2
