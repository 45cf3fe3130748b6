-- $1 id, $2 uid, $3 code, $4 name, $5 kind, $6 district, $7 lon, $8 lat, $9 state, $10 now.
insert into site (id, uid, code, name, kind, district, lon, lat, state, updated_us)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (id) do update set code = excluded.code, name = excluded.name, kind = excluded.kind,
	district = excluded.district, lon = excluded.lon, lat = excluded.lat, state = excluded.state,
	updated_us = excluded.updated_us
