-- What a site is judged by: target class, noise zone, kind of water body; more names may follow.
create table site_attribute (
	site_id bigint not null references site (id),
	name text not null,
	value text not null,
	updated_us bigint not null,
	primary key (site_id, name)
);
