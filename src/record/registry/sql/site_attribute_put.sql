-- $1 site, $2 name, $3 value, $4 now.
insert into site_attribute (site_id, name, value, updated_us) values ($1, $2, $3, $4)
on conflict (site_id, name) do update set value = excluded.value, updated_us = excluded.updated_us
