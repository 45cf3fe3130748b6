-- All rows at start, organisations and accounts before what refers to them.
select kind, id, body, mac from access_row order by case kind when 'org' then 0 when 'user' then 1 else 2 end, id
