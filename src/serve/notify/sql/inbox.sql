-- A person's notices below an id, newest first. $1 user, $2 id, $3 1 = only those not opened, $4 how many
select id, module, level, title_zh, title_en, body_zh, body_en, link, created_us, shown_us, opened_us, accepted_us
from notice where to_user = $1 and id < $2 and ($3 = 0 or opened_us is null)
order by id desc limit $4
