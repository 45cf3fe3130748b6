-- The person's own choice.
insert into notice_pref (user_id, mail, sms, wechat, quiet_from, quiet_to) values ($1, $2, $3, $4, $5, $6)
on conflict (user_id) do update set mail = excluded.mail, sms = excluded.sms, wechat = excluded.wechat,
	quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to
