-- How many notices of a chain were accepted.
select count(*) from notice where chain = $1 and accepted_us is not null
