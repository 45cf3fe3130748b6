-- The ways one notice of a person went. $1 notice, $2 person
select o.id, o.way, o.state, o.tries, o.sent_us, o.receipt_us, o.error
from notice_out o join notice n on n.id = o.notice where o.notice = $1 and n.to_user = $2 order by o.id
