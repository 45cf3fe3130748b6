-- Where and when a person wants to be told.
select mail, sms, wechat, quiet_from, quiet_to from notice_pref where user_id = $1
