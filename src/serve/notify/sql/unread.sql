-- How many of a person's notices were not opened.
select count(*) from notice where to_user = $1 and opened_us is null
